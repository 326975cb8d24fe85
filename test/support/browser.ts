import chromium from "@sparticuz/chromium";
import { chromium as browsers, type Browser } from "playwright-core";

/** Starts a real headless browser. */
export async function openBrowser(): Promise<Browser> {
  // This Chromium build is for AWS Lambda. Its default switches use a single process, which ends
  // with a closed tab, and disable web security.
  const unwantedSwitches = [
    "--single-process",
    "--no-zygote",
    "--disable-web-security",
    "--allow-running-insecure-content",
  ];
  // Software rendering takes longer than the rest of a test.
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
