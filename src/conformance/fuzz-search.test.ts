import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { bytesOf } from '../chaos/frame-bytes.ts'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { CoverageMap } from './coverage-map.ts'
import { DecoderRun } from './decoder-run.ts'
import type { DecoderName } from './decoders/all-decoders.ts'
import { runFuzzCampaign } from './fuzz-campaign.ts'
import { LastInput, newLastInput } from './fuzz-job.ts'
import { fuzzLines, fuzzReport } from './fuzz-report.ts'
import type { ThreadEnd } from './fuzz-thread-node.ts'
import { mutated } from './mutation.ts'

// Characters that change something in JSON: each is tried often, all four together by chance never.
const SECRET = '{"\\ '
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** Breaks behind four doors in a row; each one that opens is counted, as instrumented code counts. */
function vault(counters: Uint32Array) {
  return {
    seeds: ['....'],
    words: [],
    drawn: undefined as never,
    read(input: Uint8Array) {
      let opened = 0
      while (opened < SECRET.length && input[opened] === SECRET.charCodeAt(opened)) opened += 1
      for (let door = 0; door < opened; door++) counters[door] = 1
      if (opened === SECRET.length) throw new Error('the vault is open')
    },
  }
}

function searching(counters: Uint32Array, seed = 7, seen: (input: Uint8Array) => void = () => {}) {
  return new DecoderRun({
    decoder: vault(counters),
    coverage: new CoverageMap(counters),
    dice: new SeededDice(seed),
    clock: new ManualClock(),
    drawn: (function* () {
      for (;;) yield 'never right'
    })(),
    reads: seen,
  })
}

test('[HB4] coverage leads to what chance alone does not find, and what is found is made short', async () => {
  const led = searching(new Uint32Array(SECRET.length))
  await led.begin()
  await led.go(30_000)
  assert.deepEqual(
    led.findings.map(({ kind, sentence, input }) => [kind, sentence, textOf(input)]),
    [['broken-promise', 'Error: the vault is open', SECRET]],
  )
  assert.ok(led.corpusSize >= SECRET.length)
  const blind = new DecoderRun({
    decoder: vault(new Uint32Array(SECRET.length)),
    coverage: new CoverageMap(new Uint32Array(SECRET.length)),
    dice: new SeededDice(7),
    clock: new ManualClock(),
    drawn: [][Symbol.iterator](),
    reads: () => {},
  })
  await blind.begin()
  await blind.go(30_000)
  assert.deepEqual(blind.findings, [])
})

test('[HB4] an input that is slow each time is found, and one that was slow once is not', async () => {
  const findings = async (slowTimes: number) => {
    const clock = new ManualClock()
    let read = 0
    const run = new DecoderRun({
      decoder: {
        ...vault(new Uint32Array(0)),
        read: () => (read++ < slowTimes ? clock.advance(1000) : undefined),
      },
      coverage: new CoverageMap(new Uint32Array(0)),
      dice: new SeededDice(7),
      clock,
      drawn: [][Symbol.iterator](),
      reads: () => {},
    })
    await run.begin()
    return run.findings.map(({ kind }) => kind)
  }
  assert.deepEqual(await findings(1), [])
  assert.deepEqual(await findings(100), ['slow'])
})

test('[HB4] a place is new for each order of magnitude in which it is passed, and counted once', () => {
  const counters = new Uint32Array(3)
  const map = new CoverageMap(counters)
  const passing = (...counts: readonly number[]) => {
    counters.set(counts)
    return map.take()
  }
  assert.deepEqual(
    [passing(0, 0, 0), passing(1, 0, 0), passing(1, 0, 0), passing(2, 0, 0), passing(100, 0, 0), passing(101, 0, 0)],
    [false, true, false, true, true, false],
  )
  assert.deepEqual(map.share, { reached: 1, places: 3 })
  assert.equal(passing(1, 1, 0), true)
  assert.deepEqual([...counters], [0, 0, 0])
})

test('[HB5] the same seed reads the same inputs, another one reads others', async () => {
  const read = async (seed: number) => {
    const inputs: string[] = []
    const run = searching(new Uint32Array(SECRET.length), seed, (input) => inputs.push(textOf(input)))
    await run.begin()
    await run.go(500)
    return inputs.join('\n')
  }
  assert.equal(await read(1), await read(1))
  assert.notEqual(await read(1), await read(2))
})

test('[HB5] a changed input is never longer than it may be, whatever it was', () => {
  const dice = new SeededDice(20_261_121)
  let input = bytesOf('{"type":"ping","n":[1,2,{"a":null}]}')
  for (let round = 0; round < 5000; round++) {
    input = mutated(input, { dice, other: bytesOf('{"other":true}'), words: ['word', ''], bytesMax: 300 })
    assert.ok(input.length <= 300)
    if (round % 50 === 0) input = bytesOf('')
  }
})

test('[HB6] a thread that dies is a finding of the decoder that read last, and another one goes on', async () => {
  const decoder: DecoderName = 'settings'
  const figures = { decoder, inputs: 10, elapsedMs: 5, corpus: 2, reached: 3, places: 4, findings: [] }
  const progress = { decoders: [figures], heapStartBytes: 1, heapBytes: 3, heapBytesMax: 9 }
  const last = new LastInput(newLastInput())
  last.write(0, bytesOf('fatal'))
  const death = { decoder, kind: 'death', sentence: 'RangeError: x', input: last.read().input } as const
  const ends: ThreadEnd[] = [{ progress, death }, { progress }]
  const seeds: number[] = []
  const campaign = await runFuzzCampaign({
    decoders: [decoder],
    seed: 1,
    until: { inputsEach: 10 },
    clock: new ManualClock(),
    run: async ({ seed }) => {
      seeds.push(seed)
      return ends.shift() ?? assert.fail('nobody runs after a good end')
    },
    onProgress: () => {},
  })
  const kept: string[] = []
  const report = fuzzReport(campaign, undefined, {
    seed: 1,
    seconds: 2,
    keep: (name, input) => kept.push(`${name} ${textOf(input)}`).toString(),
  })
  assert.deepEqual([report.deaths, report.inputs, report.passed, report.heapGrowthBytes], [1, 20, false, 2])
  assert.deepEqual(kept, ['settings fatal'])
  assert.notEqual(seeds[0], seeds[1])
  assert.ok(
    fuzzLines(report).some((line) => line.includes('replay: holdfast bench fuzz --decoder settings --replay 1')),
  )
})

test('[HB6] a report fails for memory that is kept, sockets that are left, and when nothing was read', () => {
  const facts = { seed: 1, seconds: 1, keep: () => '' }
  const good = { decoders: [], deaths: 0, heapGrowthBytes: 0, heapBytesMax: 0 }
  const sockets = { sockets: 1, frames: 1, deaths: 0, socketsLeft: 0, serves: true }
  const passes = (
    campaign: typeof good,
    more: Partial<typeof sockets> & { residentBytes?: { middle: number; end: number } },
  ) => fuzzReport(campaign, { ...sockets, ...more }, facts).passed
  assert.equal(passes(good, {}), true)
  assert.equal(fuzzReport(good, undefined, facts).passed, false)
  assert.equal(passes({ ...good, heapGrowthBytes: 2 ** 27 }, {}), false)
  assert.equal(passes(good, { socketsLeft: 1 }), false)
  assert.equal(passes(good, { serves: false }), false)
  assert.equal(passes(good, { deaths: 1 }), false)
  const mebibytes = (middle: number, end: number) => ({
    residentBytes: { middle: middle * 2 ** 20, end: end * 2 ** 20 },
  })
  assert.equal(passes(good, mebibytes(310, 318)), true, 'an edge that has warmed up')
  assert.equal(passes(good, mebibytes(310, 350)), false, 'an edge that still grows')
  assert.equal(passes(good, mebibytes(600, 600)), false, 'an edge that holds too much')
})
