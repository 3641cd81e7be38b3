import { assert } from '../../base/assertion.ts'
import type { Violation } from '../observation.ts'
import { settle } from '../settle-node.ts'

/** Something that may happen next. */
export interface Move {
  /** What happens, as a line of a story. */
  readonly sentence: string
  make(): void
}

/** A small world in which everything that is left to chance is a move. The same moves lead to the same state. */
export interface Explorable {
  /** What may happen next, always in the same order. */
  moves(): readonly Move[]
  /** Makes a move, and resolves when everything that follows at once has happened. */
  make(move: Move): Promise<void>
  /** All of the state that can be seen; equal where the same can happen next. */
  fingerprint(): string
  /** Judges the state by letting the world go on undisturbed; the world is of no use afterwards. */
  liveOn(): Promise<void>
  readonly violation: Violation | undefined
}

export interface SearchBounds {
  readonly depthMax: number
  readonly statesMax: number
  /** Of the ways to a state that is known, each so-many-th is compared with the first way to it. */
  readonly compareEvery: number
  readonly stopped?: () => boolean
}

/** What ended a search. */
export type SearchEnd =
  /** Nothing was left: every move was made in every state that there is. */
  | 'exhausted'
  /** Every state down to the depth was visited; more lie deeper. */
  | 'depth'
  /** There were as many states as may be kept: of the last depth an unknown part was not visited. */
  | 'states'
  | 'stopped'
  | 'violation'

export interface SearchReport {
  readonly states: number
  readonly transitions: number
  /** Moves of the longest path that was walked. */
  readonly depth: number
  readonly ended: SearchEnd
  /** Pairs of ways to one state from which all next states were compared. */
  readonly compared: number
  readonly violation?: Violation & {
    /** The shortest way to it. */
    readonly story: readonly string[]
  }
}

const THEN_ALL_WELL = 'nothing more goes wrong, and what is due happens'

/** A state, by the first way to it: a world cannot be copied, but made again and led there. */
interface Place {
  readonly path: readonly number[]
  readonly choices: number
}

/**
 * Walks through all states breadth-first, each once, so that the first violation has the shortest story. Promises
 * cannot be copied: each transition makes a fresh world and replays the moves that lead to it.
 */
export async function searchExhaustively(
  begin: () => Promise<Explorable>,
  bounds: SearchBounds,
): Promise<SearchReport> {
  const search = new Search(begin, bounds)
  await search.walk()
  return search.report()
}

class Search {
  readonly #begin: () => Promise<Explorable>
  readonly #bounds: SearchBounds
  readonly #known = new Map<string, Place>()
  readonly #frontier: Place[] = []
  #transitions = 0
  #depth = 0
  #merged = 0
  #compared = 0
  #ended: SearchEnd = 'stopped'
  #violation: SearchReport['violation']

  constructor(begin: () => Promise<Explorable>, bounds: SearchBounds) {
    this.#begin = begin
    this.#bounds = bounds
  }

  report(): SearchReport {
    return {
      states: this.#known.size,
      transitions: this.#transitions,
      depth: this.#depth,
      ended: this.#ended,
      compared: this.#compared,
      ...(this.#violation && { violation: this.#violation }),
    }
  }

  async walk(): Promise<void> {
    this.#ended = await this.#walk()
  }

  async #walk(): Promise<SearchEnd> {
    await this.#visit([], await this.#begin())
    const { depthMax, statesMax, stopped } = this.#bounds
    for (let at = 0; at < this.#frontier.length; at++) {
      const { path, choices } = this.#frontier[at] ?? { path: [], choices: 0 }
      // Breadth-first: whatever comes from here on is as deep. States in which nothing may happen hide nothing.
      if (path.length >= depthMax && choices > 0) return 'depth'
      for (let index = 0; index < choices; index++) {
        if (this.#violation) return 'violation'
        if (this.#known.size >= statesMax) return 'states'
        if (stopped?.()) return 'stopped'
        const next = [...path, index]
        this.#transitions++
        await this.#visit(next, await this.#replay(next))
      }
    }
    return this.#violation ? 'violation' : 'exhausted'
  }

  async #visit(path: readonly number[], world: Explorable): Promise<void> {
    this.#depth = path.length
    const fingerprint = world.fingerprint()
    const known = this.#known.get(fingerprint)
    // A way that breaks a rule is told even where it ends in a state that is known.
    if (known && !world.violation) return this.#meet(known, path)
    const place = { path, choices: world.moves().length }
    this.#known.set(fingerprint, place)
    this.#frontier.push(place)
    const outlived = !world.violation
    if (outlived) await world.liveOn()
    if (!world.violation) return
    const story = await this.#tell(path)
    this.#violation = { ...world.violation, story: outlived ? [...story, THEN_ALL_WELL] : story }
  }

  /** Another way to a known state. The search is worth as much as the fingerprint: whatever follows must be the same. */
  async #meet(known: Place, path: readonly number[]): Promise<void> {
    if (this.#merged++ % this.#bounds.compareEvery !== 0) return
    this.#compared++
    const follows = async (way: readonly number[]) => {
      const seen: string[] = []
      for (let index = 0; index < known.choices; index++) {
        const world = await this.#replay([...way, index])
        seen.push(world.violation?.sentence ?? world.fingerprint())
      }
      return seen
    }
    const [first, second] = [await follows(known.path), await follows(path)]
    const index = first.findIndex((fingerprint, each) => fingerprint !== second[each])
    if (index < 0) return
    const ways = [await this.#tell([...known.path, index]), await this.#tell([...path, index])]
    const sentence = `Two states were taken for one:\n${ways.map((way) => way.join('; ')).join('\n')}\n${first[index]}\n${second[index]}`
    this.#violation = { rule: 'fingerprint', sentence, atMs: 0, story: ways[1] ?? [] }
  }

  async #replay(path: readonly number[]): Promise<Explorable> {
    // Signals and stray rejections come through here: the worlds themselves run without a turn of the event loop.
    await settle()
    const world = await this.#begin()
    for (const index of path) await follow(world, index)
    return world
  }

  async #tell(path: readonly number[]): Promise<readonly string[]> {
    const world = await this.#begin()
    const story: string[] = []
    for (const index of path) story.push(await follow(world, index))
    return story
  }
}

async function follow(world: Explorable, index: number): Promise<string> {
  const move = world.moves()[index]
  assert(move, 'a replayed world offers the same moves')
  await world.make(move)
  return move.sentence
}
