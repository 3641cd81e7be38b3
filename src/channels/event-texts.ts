import type { EventRecord } from '../base/event-record.ts'

/** Characters of events in one frame; a longer catch-up travels in several. */
export const FRAME_CHARACTERS = 65_536

/**
 * The texts of events as they go into frames. What was made once, by the owner, is put together here, once for all
 * sockets that are given the same list of records; nothing is parsed.
 */
export class EventTexts {
  readonly #forStaff = new WeakMap<readonly EventRecord[], string>()
  readonly #forEveryone = new WeakMap<readonly EventRecord[], string>()

  /** The events, separated by commas. Whoever may not see all gets a `skip` in place of a hidden one. */
  of(records: readonly EventRecord[], seesAll: boolean): string {
    const made = seesAll ? this.#forStaff : this.#forEveryone
    const known = made.get(records)
    if (known !== undefined) return known
    const text = records.map((record) => (seesAll ? record.json : visible(record))).join(',')
    made.set(records, text)
    return text
  }
}

function visible({ audience, seq, json }: EventRecord): string {
  return audience === 'everyone' ? json : `{"type":"skip","seq":${seq}}`
}

/** Lists that each fit into a frame, a record that is too long alone in one. A list that fits stays the same list. */
export function frameSized(records: readonly EventRecord[]): readonly (readonly EventRecord[])[] {
  if (charactersOf(records) <= FRAME_CHARACTERS) return [records]
  const lists: EventRecord[][] = []
  let characters = Number.POSITIVE_INFINITY
  for (const record of records) {
    characters += record.json.length
    if (characters > FRAME_CHARACTERS) {
      lists.push([])
      characters = record.json.length
    }
    lists.at(-1)?.push(record)
  }
  return lists
}

export function charactersOf(records: readonly EventRecord[]): number {
  let characters = 0
  for (const { json } of records) characters += json.length
  return characters
}
