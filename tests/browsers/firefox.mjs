// Firefox chooses a folder in a dialog of the system, which no test can reach: here something in its place answers with
// the folder. All else is Firefox: the click, the walk through the folder, and its own question whether to upload.

/** Runs in the browser itself. Registered once; what it answers with is set before each click. */
const standIn = (path) => {
  const folder = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile);
  folder.initWithPath(path);
  globalThis.folderToPick = folder;
  if (globalThis.folderPicker) return;
  class Picker {
    QueryInterface = ChromeUtils.generateQI(['nsIFilePicker']);
    filterIndex = 0;
    init() {}
    appendFilters() {}
    appendFilter() {}
    appendRawFilter() {}
    isModeSupported() { return Promise.resolve(true); }
    get file() { return globalThis.folderToPick; }
    open(callback) { Services.tm.dispatchToMainThread(() => callback.done(Ci.nsIFilePicker.returnOK)); }
    close() {}
  }
  globalThis.folderPicker = {
    QueryInterface: ChromeUtils.generateQI(['nsIFactory']),
    createInstance: (id) => new Picker().QueryInterface(id),
  };
  const registrar = Components.manager.QueryInterface(Ci.nsIComponentRegistrar);
  registrar.registerFactory(Services.uuid.generateUUID(), '', '@mozilla.org/filepicker;1', globalThis.folderPicker);
};

/** Runs in the browser itself: says yes to its question, once it is there. */
const agree = async () => {
  const window = Services.wm.getMostRecentWindow('navigator:browser');
  const ready = (frame) => {
    try {
      const yes = frame.contentDocument.querySelector('dialog').getButton('accept');
      return yes.disabled ? null : yes;
    } catch {
      return null;
    }
  };
  for (let tries = 0; tries < 400; tries += 1) {
    const yes = Array.from(window.document.querySelectorAll('.dialogFrame'), ready).find(Boolean);
    if (yes) {
      yes.click();
      return true;
    }
    await new Promise((resolve) => window.setTimeout(resolve, 50));
  }
  return false;
};

export const pickFolder = async (browser, folder, click) => {
  const send = browser.connection.send.bind(browser.connection);
  const { result: tree } = await send('browsingContext.getTree', { 'moz:scope': 'chrome' });
  const call = async (what, ...texts) => {
    const { result } = await send('script.callFunction', {
      functionDeclaration: what.toString(),
      awaitPromise: true,
      target: { context: tree.contexts[0].context },
      arguments: texts.map((value) => ({ type: 'string', value })),
    });
    if (result.type !== 'success') throw new Error(`Firefox: ${JSON.stringify(result.exceptionDetails)}`);
    return result.result.value;
  };
  await call(standIn, folder);
  await click();
  if (!await call(agree)) throw new Error('Firefox never asked whether the folder may be uploaded');
};
