// Measure pages one after the other in one browser, and print Lighthouse's result of each on a line of its own.
// Usage: node lighthouse.mjs CATEGORY,… ADDRESS …   with CHROME_PATH and CHROME_FLAGS in the environment.
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const [categories, ...addresses] = process.argv.slice(2);
const chrome = await launch({ chromeFlags: process.env.CHROME_FLAGS.split(" ") });
try {
  for (const address of addresses) {
    const options = { port: chrome.port, onlyCategories: categories.split(","), disableFullPageScreenshot: true };
    const { lhr } = await lighthouse(address, options);
    console.log(JSON.stringify(lhr));
  }
} finally {
  await chrome.kill();
}
