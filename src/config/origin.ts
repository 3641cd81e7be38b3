/**
 * Whether a text is an address without a path, which can also be read as one: `http://[` and a port of 99999 are none.
 * It stands in links and tokens, so it names nobody and says nothing besides.
 */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/\s?#@\\]+$/.test(text) && URL.canParse(text)
}
