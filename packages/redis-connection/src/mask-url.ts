const PASSWORD = /(:\/\/[^:@/?#;]*):[^@/?#;]*@/g;
const SECRET_PARAMETER = /([?&](?:password|sentinel_password|ssl_keyfile_password)=)[^&#;]*/gi;

/** The URL with every password replaced by `**`, for logs and errors. Works on lists (`sentinel://…;sentinel://…`) too. */
export function maskUrl(url: string): string {
  return url.replace(PASSWORD, "$1:**@").replace(SECRET_PARAMETER, "$1**");
}
