// Two browsers as one: opened without a window, each page watched for what it throws, logs as an error, or is refused
// by its policy. How a folder is chosen differs between them; both ways are those of somebody who clicks the button.
import { createRequire } from 'node:module';
import { pickFolder } from './firefox.mjs';

/** Both run as root in tests, which Chromium does without its sandbox only. */
const LAUNCH = {
  chromium: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'], pipe: true },
  firefox: {
    browser: 'firefox',
    executablePath: '/usr/bin/firefox-esr',
    // What stands in for the system's folder dialog lives in the browser, not in the page.
    args: ['-remote-allow-system-access'],
    extraPrefsFirefox: { 'security.dialog_enable_delay': 0 },
  },
};
export const BROWSERS = Object.keys(LAUNCH);

const TIMEOUT_MS = 60000;

/** Runs in each page before anything of its own. */
const watch = () => {
  window.seen = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.seen.push(`policy ${event.effectiveDirective} ${event.blockedURI}`);
  });
  window.addEventListener('error', (event) => window.seen.push(`error ${event.message}`));
  window.addEventListener('unhandledrejection', (event) => window.seen.push(`rejection ${event.reason}`));
};

/** `tools` is the folder into which puppeteer-core was installed. */
export const open = async (name, tools) => {
  const puppeteer = createRequire(`${tools}/package.json`)('puppeteer-core');
  const browser = await puppeteer.launch({ headless: true, timeout: TIMEOUT_MS, protocolTimeout: TIMEOUT_MS, ...LAUNCH[name] });
  return { name, browser, version: await browser.version() };
};

/** A page from disc; `complaints()` is all that it, or the browser about it, complained of since. */
export const visit = async ({ name, browser }, address) => {
  const page = await browser.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  await page.setViewport({ width: 1200, height: 900 });
  const logged = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) logged.push(`console ${message.text()}`);
  });
  page.on('pageerror', (error) => logged.push(`thrown ${error.message}`));
  await page.evaluateOnNewDocument(watch);
  await page.goto(address);
  const complaints = async () => [...logged, ...await page.evaluate(() => window.seen)];
  return { name, browser, page, complaints };
};

export const giveFolder = async ({ name, browser, page }, folder) => {
  if (name === 'firefox') await pickFolder(browser, folder, () => page.click('#folder'));
  else await (await page.$('#folder')).uploadFile(folder);
  await page.waitForSelector('#start:enabled');
};

/** A folder from the file manager, let go over the page. Only Chromium lets a test do this. */
export const dropFolder = async ({ page }, folder) => {
  const session = await page.createCDPSession();
  const place = await page.$('#folder-drop label');
  await place.scrollIntoView();
  const { x, y, width, height } = await place.boundingBox();
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await session.send('Input.dispatchDragEvent', { type, x: x + width / 2, y: y + height / 2, data });
  }
  await page.waitForSelector('#start:enabled');
};
