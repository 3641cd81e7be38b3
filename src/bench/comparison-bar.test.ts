import assert from 'node:assert/strict'
import test from 'node:test'
import { growthBar, limitBar, ratioBar } from './comparison-bar.ts'
import { figuresFrom } from './figures.ts'

const figures = figuresFrom(
  new Map([
    ['Holdfast', [{ cost: 10, rows: 300 }, { cost: 40 }, { cost: 33 }]],
    ['S', [{ cost: 40 }, { cost: 80 }, { cost: 60 }]],
    ['P', [{ rows: 100 }]],
  ]),
)

test('[BE9] a ratio is taken turn by turn, and judged by its median', () => {
  assert.deepEqual(ratioBar(figures, { what: 'cost', over: 'S', atMost: 0.5 }), {
    sentence: 'at most 0.5 times S: cost',
    median: 0.5,
    min: 0.25,
    max: 0.55,
    holds: true,
  })
  assert.equal(ratioBar(figures, { what: 'cost', over: 'S', atMost: 0.49 }).holds, false)
  assert.equal(ratioBar(figures, { what: 'rows', over: 'P', atLeast: 3 }).holds, true)
  assert.equal(ratioBar(figures, { what: 'rows', over: 'P', atLeast: 3.1 }).holds, false)
})

test('[BE9] what was not measured does not hold', () => {
  assert.deepEqual(ratioBar(figures, { what: 'cost', over: "S'", atMost: 1 }), {
    sentence: "at most 1 times S': cost",
    holds: false,
  })
  assert.equal(limitBar(figures, { what: 'lost', atMost: 0 }).holds, false)
})

test('[BE9] growth is from the first of a row to its last', () => {
  const grown = figuresFrom(new Map([['Holdfast', [{ 'at 1': 10, 'at 10': 99, 'at 100': 12 }]]]))
  const { median, holds } = growthBar(grown, { what: 'growing', whats: ['at 1', 'at 10', 'at 100'], atMost: 1.25 })
  assert.deepEqual({ median, holds }, { median: 1.2, holds: true })
})
