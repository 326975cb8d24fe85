import { addresses, page, problems, signIn, usePages, violations } from "./pages-lab";

describe("the pages, in a real browser", () => {
  usePages();

  test("have no axe violation in light and dark mode, fit into 360 px, and cause no errors", async () => {
    const faults = [...signIn];
    for (const address of addresses) {
      await page.setViewportSize({ width: 1100, height: 800 });
      await page.goto(address);
      await page.emulateMedia({ colorScheme: "light" });
      faults.push(...(await violations()));
      // In dark mode, only colours differ.
      await page.emulateMedia({ colorScheme: "dark" });
      faults.push(...(await violations(["color-contrast", "link-in-text-block"])));
      await page.setViewportSize({ width: 360, height: 700 });
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      if (width > 360) faults.push(`${address}: ${width} px wide`);
    }
    expect(addresses.length).toBe(13);
    expect(faults).toEqual([]);
    expect(problems).toEqual([]);
  }, 120_000);
});
