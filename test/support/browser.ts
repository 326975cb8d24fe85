import chromium from "@sparticuz/chromium";
import { chromium as browsers, type Browser } from "playwright-core";

/** A real browser, without a window. */
export async function openBrowser(): Promise<Browser> {
  // Its own switches are made for AWS Lambda: one process for all does not survive a closed tab, and we want the web's rules enforced.
  const args = chromium.args.filter(
    (arg) => !["--single-process", "--no-zygote", "--disable-web-security", "--allow-running-insecure-content"].includes(arg),
  );
  return browsers.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}
