import fc from 'fast-check'
import { agentToken, hello, rehearseChannel, say, visitorToken } from '../../channels/channel-rehearsal.ts'
import { CLOSE_CODES } from '../../protocol/close-codes.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { CLIENT_WORDS, CONVERSATION, NEARLY_FRAMES } from './client-frame-shapes.ts'
import { textOf } from './json-shapes.ts'

const lines = (...frames: readonly object[]) => frames.map((frame) => JSON.stringify(frame)).join('\n')
const attach = { type: 'attach', conversation: CONVERSATION, after: 0 }
const refresh = (token: string) => ({ type: 'refresh', token })
// Past every deadline of a session.
const LATER_MS = 60_000

/** What one client says on one socket, a frame on each line: the whole session, on a clock that stands still. */
export const decoder: FuzzedDecoder = {
  seeds: [
    lines(hello(visitorToken(CONVERSATION)), attach, say(CONVERSATION, 1), say(CONVERSATION, 2), { type: 'ping' }),
    lines(hello(agentToken(), { resume: [{ conversation: CONVERSATION, after: 0 }] }), attach, say(CONVERSATION, 1)),
    lines(
      hello(agentToken()),
      attach,
      { type: 'typing', conversation: CONVERSATION, on: true },
      { type: 'detach', conversation: CONVERSATION },
    ),
    lines(
      hello(visitorToken(CONVERSATION)),
      attach,
      refresh(visitorToken('0000000000002')),
      refresh('expired'),
      refresh('new-key {}'),
    ),
    lines(hello('new-key'), attach, say(CONVERSATION, 1)),
    lines(hello('expired')),
  ],
  words: [...CLIENT_WORDS, '\n', visitorToken(CONVERSATION), agentToken(), 'expired', 'new-key '],
  drawn: fc
    .tuple(fc.constantFrom(visitorToken(CONVERSATION), agentToken()), fc.array(NEARLY_FRAMES, { maxLength: 12 }))
    .map(([token, frames]) => [JSON.stringify(hello(token)), ...frames].join('\n')),
  async read(input) {
    const { channel, clock, conversations, dial } = rehearseChannel()
    conversations.append(CONVERSATION)
    const client = dial()
    for (const line of textOf(input).split('\n')) client.handlers?.message(line)
    await clock.advance(0)
    const code = client.closedWith
    mustHold(code === undefined || code in CLOSE_CODES, `a socket closes with a code of the catalogue, not ${code}`)
    mustHold(client.texts.length <= 3 * input.length + 10, 'answers are no more than what was asked')
    await clock.advance(LATER_MS)
    client.handlers?.closed()
    mustHold(channel.sockets === 0, 'a socket that is closed is forgotten')
    mustHold(conversations.attached(CONVERSATION) === 0, 'nothing stays attached for nobody')
    channel.stop(1012, 'the input is read')
  },
}
