import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import type { ClientFrame, ServerFrame } from './client-frames.ts'

type Fields<Frame> = { readonly [Name in keyof Omit<Frame, 'type'>]-?: object extends Pick<Frame, Name> ? '?' : '' }
type FieldsOf<Frame extends { type: string }> = {
  readonly [Type in Frame['type']]: Fields<Extract<Frame, { type: Type }>>
}

// The compiler keeps these two equal to the types: a field that is new, gone or optional now is an error here.
const CLIENT: FieldsOf<ClientFrame> = {
  hello: { token: '', versions: '', instance: '', connection: '', resume: '', library: '?' },
  attach: { conversation: '', after: '' },
  detach: { conversation: '' },
  send: { conversation: '', key: '', n: '', floor: '', instance: '?', body: '' },
  typing: { conversation: '', on: '' },
  seen: { conversation: '', seq: '' },
  refresh: { token: '' },
  ping: {},
  pong: {},
}

const NODE: FieldsOf<ServerFrame> = {
  welcome: { node: '', version: '', heartbeatMs: '', limits: '', addresses: '' },
  events: { conversation: '', events: '' },
  ack: { conversation: '', key: '', seq: '' },
  refused: { conversation: '?', key: '?', code: '', definite: '', retryAfterMs: '?', detail: '?' },
  status: { conversation: '', status: '' },
  typing: { conversation: '', from: '', on: '' },
  seen: { conversation: '', from: '', seq: '' },
  notice: { conversation: '', from: '', notice: '', url: '?', data: '?' },
  ended: { conversation: '', code: '' },
  goaway: { withinMs: '', hint: '?' },
  ping: {},
  pong: {},
}

const page = readFileSync(new URL('../../docs/reference/protocol.md', import.meta.url), 'utf8')

/** The first two columns of the table that begins with `head`, without what is only for the eye. */
function rowsBelow(head: string): string[] {
  const [table = ''] = page.slice(page.indexOf(`| ${head} |`)).split('\n\n')
  const rows = table.split('\n').slice(2)
  return rows.map((row) => row.split('|').slice(1, 3).join(':').replaceAll(/[` ]/g, ''))
}

function rowsOf(frames: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.entries(frames).map(([type, fields]) => {
    const names = Object.entries(fields).map(([name, optional]) => name + optional)
    return `${type}:${names.join(',')}`
  })
}

test('[PR10] the reference has every frame with all its fields, and no other', () => {
  assert.deepEqual(rowsBelow('client sends'), rowsOf(CLIENT))
  assert.deepEqual(rowsBelow('node sends'), rowsOf(NODE))
})
