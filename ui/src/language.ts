// Makes `navigator.language` a valid language tag. Imported before anything else: under LANG=C
// WebKitGTK answers "C", with which `Intl` throws while libraries are still loading.

try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
  Object.defineProperty(navigator, 'languages', { value: ['en-US'], configurable: true });
}
