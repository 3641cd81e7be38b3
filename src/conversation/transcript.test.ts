import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import type { Command, Submission } from './command.ts'
import { CAST, type Rehearsal, type RehearsalReply, rehearse } from './rehearsal.ts'
import { presentParticipant } from './state.ts'
import { nextTimer, timerSubmission } from './timers.ts'

// Stories to be read: an input line, `----`, and what came of it. After a wanted change, write them anew with
// `HOLDFAST_REWRITE=1 node --test src/conversation/transcript.test.ts` and read the difference.
const FOLDER = join(import.meta.dirname, 'transcripts')

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
  const told = readFileSync(join(FOLDER, file), 'utf8')
  const [title = file] = told.split('\n', 1)
  test(`transcript: ${title.replace(/^# /, '')} [CO3]`, () => {
    const played = playTranscript(told)
    if (process.env.HOLDFAST_REWRITE) writeFileSync(join(FOLDER, file), played)
    else assert.equal(played, told)
  })
}

function playTranscript(text: string): string {
  const story = rehearse()
  const blocks = text.trimEnd().split('\n\n')
  const played = blocks.map((block) => {
    if (block.startsWith('#')) return block
    const [input = ''] = block.split('\n----', 1)
    return [input, '----', ...linesOf(story, input)].join('\n')
  })
  return `${played.join('\n\n')}\n`
}

function linesOf(story: Rehearsal, input: string): string[] {
  if (input === 'state') return stateLines(story)
  const [time = '', who = '', ...rest] = input.split(' ')
  const at = Number.parseFloat(time) * 1_000
  if (who === 'timer') {
    const timer = nextTimer(story.state)
    if (!timer || timer.dueAt > at) return ['nothing is due']
    return replyLines(story.submit(timerSubmission(timer), at))
  }
  return replyLines(story.submit(submissionOf(who, rest.join(' ')), at))
}

/** `key command field=value field="value with spaces"`; `key#n/floor` numbers it. */
function submissionOf(who: string, text: string): Submission {
  const sender = Object.values(CAST).find(({ id }) => id === who)
  const [, key, n, floor, type, fields] = /^(\S+?)(?:#(\d+)\/(\d+))? (\S+)(.*)$/.exec(text) ?? []
  assert.ok(sender && key && type, `cannot read: ${who} ${text}`)
  const pairs = [...(fields ?? '').matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)]
  const body = Object.fromEntries(
    pairs.map(([, name, quoted, bare]) => [name, quoted ?? (Number.isNaN(Number(bare)) ? bare : Number(bare))]),
  )
  const command = { type, ...(type === 'message' && { format: 'text' }), ...body } as Command
  return { sender, key, command, ...(n && { origin: { instance: 'page', n: Number(n), floor: Number(floor) } }) }
}

function replyLines(reply: RehearsalReply): string[] {
  if (reply.kind === 'refused') return [`refused ${reply.code}${reply.detail ? `: ${reply.detail}` : ''}`]
  if (reply.kind === 'duplicate') return [`duplicate of ${reply.seq}`]
  const events = reply.events.map(({ seq, type, from, audience, body }) => {
    const shown = Object.keys(body).length > 0 ? ` ${JSON.stringify(body)}` : ''
    return `${seq} ${type} ${from}${audience === 'staff' ? ' (staff)' : ''}${shown}`
  })
  return [...events, `ack ${reply.seq}: ${reply.reason}`]
}

function stateLines({ state }: Rehearsal): string[] {
  const present = [...state.participants.keys()].filter((id) => presentParticipant(state, id))
  const timer = nextTimer(state)
  return [
    `${state.phase}, head ${state.headSeq}, agent ${state.agent ?? 'none'}, present: ${present.join(' ') || 'nobody'}`,
    timer ? `waits for ${timer.kind} at ${timer.dueAt / 1_000}s` : 'waits for nothing',
  ]
}
