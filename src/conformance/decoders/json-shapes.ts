import fc from 'fast-check'

/** Values that are no value of the field they stand in, and have hurt others. */
export const HOSTILE: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.constantFrom<unknown>(null, '', 0, -1, 1.5, 2 ** 53, [], {}, [[[]]], [null], { length: 1e9 }),
  fc.constantFrom('__proto__', '\u0000', '\ud800', 'x'.repeat(70)),
  // Asked for their text, these throw: one of them once ended an edge before its hello.
  fc.constantFrom({ toString: 1 }, { toString: null, valueOf: null }, { toString: {}, length: 1 }),
)

/**
 * JSON of a good value of which one or two fields are something else, missing or one too many: a field that belongs to
 * a neighbour (`foreign`) must not be taken for one's own.
 */
export function nearly(good: Readonly<Record<string, unknown>>, foreign: readonly string[] = []): fc.Arbitrary<string> {
  const names = [...foreign, '__proto__', 'constructor', 'toString', 'x']
  const field = fc.oneof(fc.constantFrom(...Object.keys(good)), fc.constantFrom(...names))
  const change = fc.tuple(field, fc.option(HOSTILE, { nil: undefined }))
  return fc
    .array(change, { minLength: 1, maxLength: 2 })
    .map((changes) => JSON.stringify({ ...good, ...Object.fromEntries(changes) }))
}

/** The text of bytes as a socket gives it: what is no UTF-8 was refused before. */
export function textOf(input: Uint8Array): string {
  return new TextDecoder().decode(input)
}
