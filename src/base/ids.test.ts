import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { bitsFromId, idFromBits, isId } from './ids.ts'

test('[BA1] every 63 bits have one text, and the text gives them back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (bits) => {
      const id = idFromBits(bits)
      assert.ok(isId(id))
      assert.equal(bitsFromId(id), bits)
    }),
  )
})

test('[BA1] ids sort as their bits do', () => {
  const bits = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n })
  fc.assert(fc.property(bits, bits, (a, b) => assert.equal(idFromBits(a) < idFromBits(b), a < b)))
})

test('[BA1] nothing else is an id', () => {
  for (const text of ['', '0', '8000000000000', '000000000000i', '000000000000O', '00000000000000', '-00000000000a'])
    assert.ok(!isId(text), text)
})
