import chromium from "@sparticuz/chromium";
import { chromium as browsers, type Browser } from "playwright-core";

/** Starts a real headless browser. */
export async function openBrowser(): Promise<Browser> {
  // Removes default switches of this Chromium build, which are for AWS Lambda: a single process
  // does not survive a closed tab, and web security is off.
  const unwantedSwitches = [
    "--single-process",
    "--no-zygote",
    "--disable-web-security",
    "--allow-running-insecure-content",
  ];
  // Software rendering is disabled, because it takes longer than the rest of a test.
  unwantedSwitches.push(
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--in-process-gpu",
  );
  const args = [...chromium.args.filter((arg) => !unwantedSwitches.includes(arg)), "--disable-gpu"];
  return browsers.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}
