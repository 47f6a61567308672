const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text that came from outside (a result, a reply, a task name), made safe to show: no escape sequence in it reaches the
 * terminal. Line breaks and tabs stay.
 */
export function safeText(text: string): string {
  return text.replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
