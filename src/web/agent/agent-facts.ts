import type { ConversationRow } from '../../protocol/rest-answers.ts'
import type { Timeline } from '../timeline.ts'

export type ListFilter = 'open' | 'mine' | 'closed'

/** Who the conversation is with, as the list knows it. */
export function visitorOf(row: ConversationRow): string {
  const people = row.summary?.participants ?? []
  return people.find(({ role }) => role === 'visitor')?.name ?? `Conversation ${row.conversation.slice(-4)}`
}

/** The participant behind that name. */
export function visitorIdOf(row: ConversationRow): string {
  return row.summary?.participants.find(({ role }) => role === 'visitor')?.id ?? row.conversation
}

/** The visitor's name, as the events tell it. */
export function visitorName(timeline: Timeline): string {
  return [...timeline.people.values()].find(({ role }) => role === 'visitor')?.name ?? 'Conversation'
}

/** The second line of a row: what it is about and whose it is. */
export function titleOf(row: ConversationRow): string {
  const agent = row.summary?.participants.find(({ id }) => id === row.summary?.agent)?.name
  const state = row.status === 'closed' ? 'ended' : agent === undefined ? 'waiting for an agent' : `with ${agent}`
  return row.summary?.subject === undefined ? state : `${row.summary.subject} · ${state}`
}

export function matches(row: ConversationRow, wanted: { filter: ListFilter; search: string; me: string }): boolean {
  const byFilter: Readonly<Record<ListFilter, boolean>> = {
    open: row.status === 'open',
    mine: row.status === 'open' && (row.summary?.participants.some(({ id }) => id === wanted.me) ?? false),
    closed: row.status === 'closed',
  }
  if (!byFilter[wanted.filter]) return false
  const search = wanted.search.trim().toLowerCase()
  if (search === '') return true
  const names = row.summary?.participants.map(({ name }) => name) ?? []
  return [...names, row.summary?.subject ?? '', row.conversation].some((text) => text.toLowerCase().includes(search))
}

/**
 * The participant id for an agent's name: that of a known agent, else made from the name, as the demo's agent tokens
 * are.
 */
export function agentIdFor(name: string, known: readonly { readonly id: string; readonly name: string }[]): string {
  const wanted = name.trim().toLowerCase()
  const found = known.find((agent) => agent.name.toLowerCase() === wanted)
  return found?.id ?? wanted.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '')
}

/** All agents that the list shows, each once. */
export function knownAgents(
  rows: readonly ConversationRow[],
): readonly { readonly id: string; readonly name: string }[] {
  const agents = rows.flatMap((row) => row.summary?.participants.filter(({ role }) => role === 'agent') ?? [])
  return [...new Map(agents.map(({ id, name }) => [id, { id, name }])).values()]
}
