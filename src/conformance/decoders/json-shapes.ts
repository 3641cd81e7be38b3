import fc from 'fast-check'

/** Values that are no value of the field they stand in, and have hurt others. */
export const HOSTILE: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, '', 0, -1, 1.5, 2 ** 53, [], {}, { toString: 1 }, { toString: null, valueOf: null }),
  fc.constantFrom<unknown>('__proto__', '\u0000', '\ud800', 'x'.repeat(70), { length: 1e9 }, [[[]]], [null]),
  fc.string({ unit: 'binary', maxLength: 70 }),
)

/** JSON of a good value of which one or two fields are something else, missing or one too many. */
export function nearly(good: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const field = fc.oneof(
    fc.constantFrom(...Object.keys(good)),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'x'),
  )
  const changes = fc.array(fc.tuple(field, fc.option(HOSTILE, { nil: undefined })), { minLength: 0, maxLength: 2 })
  return changes.map((list) => JSON.stringify({ ...good, ...Object.fromEntries(list) }))
}

/** The text of bytes as a socket gives it: what is no UTF-8 was refused before. */
export function textOf(input: Uint8Array): string {
  return new TextDecoder().decode(input)
}
