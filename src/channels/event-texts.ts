import type { EventRecord } from '../base/event-record.ts'

/** Characters of events in one frame; a longer catch-up travels in several. */
export const FRAME_CHARACTERS = 65_536

/**
 * Events as they go into a frame, separated by commas: the texts that the owner made, put together and never parsed.
 * Whoever may not see all gets a `skip` in place of a hidden one.
 */
export function eventTexts(records: readonly EventRecord[], seesAll: boolean): string {
  return records
    .map(({ audience, seq, json }) => (seesAll || audience === 'everyone' ? json : `{"type":"skip","seq":${seq}}`))
    .join(',')
}

/** Lists that each fit into a frame, a record that is too long alone in one. */
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
