/** The side that has only the contracts. */
import type { App } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";
import { resize, score } from "./contracts.js";

export async function produce(app: App, print: (line: string) => void): Promise<void> {
  const ml = app.client({ score, resize });

  const points: number = await ml.score.delay("ada").get({ timeout: "5s" });
  print(`ml.score("ada") is ${points}`);

  const image = await ml.resize.delay({ src: "https://example.org/a.png" }).get({ timeout: "5s" });
  print(`img.resize filled in the default width: ${image.pixels} pixels`);

  try {
    ml.resize.delay({ src: "not a URL", width: -1 });
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    print(`refused before anything was sent: ${error.code}`);
  }

  // @ts-expect-error a number where the contract says text: it does not compile
  const wrong = () => ml.score.delay(7);
  print(`and a call that does not fit the contract does not compile (${typeof wrong})`);
}
