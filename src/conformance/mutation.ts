import { bytesOf, joined } from '../chaos/frame-bytes.ts'

/** Where chance comes from; the same dice make the same inputs. */
export interface Dice {
  /** Uniform in [0, 1). */
  fraction(): number
}

interface MutationSources {
  readonly dice: Dice
  /** Another input of the corpus, to take pieces of. */
  readonly other: Uint8Array
  readonly words: readonly string[]
  readonly bytesMax: number
}

type Mutation = (input: Uint8Array, sources: MutationSources) => Uint8Array

// Values at which lengths, signs and loops change their mind.
const BYTES = [0, 1, 0x0f, 0x10, 0x1f, 0x20, 0x22, 0x5c, 0x7b, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xf4, 0xfe, 0xff]
const NUMBERS = ['0', '-0', '-1', '1', '1e999', '-1e999', '1.5', '9007199254740991', '9007199254740992', '1e-7', '256']
const VALUES = [
  ...['null', 'true', '[]', '{}', '""', '[[]]', '{"toString":1}', '{"valueOf":1,"toString":1}', '{"length":1e9}'],
  ...[
    '"__proto__"',
    '"constructor"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '{"__proto__":{"x":1}}',
    '"\u202e"',
  ],
]
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[[{]/g
const AT_ONCE_MAX = 4

const MUTATIONS: readonly Mutation[] = [
  (input, { dice }) => changed(input, dice, (byte) => byte ^ (1 << at(dice, 8))),
  (input, { dice }) => changed(input, dice, () => pick(dice, BYTES) ?? 0),
  (input, { dice }) => changed(input, dice, () => at(dice, 256)),
  (input, { dice }) => replaced(input, range(input, dice), new Uint8Array()),
  (input, { dice }) => replaced(input, spot(input, dice), input.slice(...range(input, dice))),
  (input, { dice }) => replaced(input, spot(input, dice), Uint8Array.of(pick(dice, BYTES) ?? 0, at(dice, 256))),
  (input, { dice, words }) => replaced(input, spot(input, dice), bytesOf(pick(dice, words) ?? '')),
  (input, { dice, words }) => replaced(input, range(input, dice), bytesOf(pick(dice, words) ?? '')),
  (input, { dice, other }) =>
    joined([input.slice(0, at(dice, input.length + 1)), other.slice(at(dice, other.length + 1))]),
  (input, { dice, other }) => replaced(input, spot(input, dice), other.slice(...range(other, dice))),
  (input, { dice }) => input.slice(0, at(dice, input.length + 1)),
  (input, { dice }) =>
    replaced(input, spot(input, dice), repeated(input.slice(...range(input, dice)), 2 + at(dice, 200))),
  (input, { dice }) =>
    replaced(
      input,
      range(input, dice, 4),
      Uint8Array.from({ length: 4 }, () => pick(dice, BYTES) ?? 0),
    ),
  (input, { dice }) => retold(input, dice, NUMBERS),
  (input, { dice }) => retold(input, dice, VALUES),
  (input, { dice }) => retold(input, dice, VALUES),
  (input, { dice, words }) =>
    retold(
      input,
      dice,
      words.map((word) => JSON.stringify(word)),
    ),
]

/** Another input like this one: one to four changes, and never longer than it may be. */
export function mutated(input: Uint8Array, sources: MutationSources): Uint8Array {
  const { dice, bytesMax } = sources
  let made = input
  for (let left = 1 + at(dice, AT_ONCE_MAX); left > 0; left--)
    made = (pick(dice, MUTATIONS)?.(made, sources) ?? made).slice(0, bytesMax)
  return made
}

function changed(input: Uint8Array, dice: Dice, change: (byte: number) => number): Uint8Array {
  const made = input.slice()
  const index = at(dice, made.length)
  if (index < made.length) made[index] = change(made[index] ?? 0)
  return made
}

/** One value of a JSON text told in another way. What is no text at all stays as it is. */
function retold(input: Uint8Array, dice: Dice, values: readonly string[]): Uint8Array {
  const text = new TextDecoder().decode(input)
  const tokens = [...text.matchAll(TOKEN)]
  const token = pick(dice, tokens)
  if (!token) return input
  return bytesOf(text.slice(0, token.index) + (pick(dice, values) ?? '') + text.slice(token.index + token[0].length))
}

function repeated(piece: Uint8Array, times: number): Uint8Array {
  return joined(Array.from({ length: times }, () => piece))
}

function replaced(input: Uint8Array, [from, to]: readonly [number, number], piece: Uint8Array): Uint8Array {
  return joined([input.slice(0, from), piece, input.slice(to)])
}

function spot(input: Uint8Array, dice: Dice): [number, number] {
  const from = at(dice, input.length + 1)
  return [from, from]
}

function range(input: Uint8Array, dice: Dice, lengthMax = 64): [number, number] {
  const [from] = spot(input, dice)
  return [from, Math.min(input.length, from + 1 + at(dice, lengthMax))]
}

/** A whole number below `end`. */
export function at(dice: Dice, end: number): number {
  return Math.floor(dice.fraction() * end)
}

export function pick<Value>(dice: Dice, values: readonly Value[]): Value | undefined {
  return values[at(dice, values.length)]
}
