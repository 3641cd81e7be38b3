import { clientFrame, joined, OPCODE, text } from '../../chaos/frame-bytes.ts'
import { ANSWER, type ConformanceCase, caseWriter, type Expected, QUESTION, quoted } from '../conformance-case.ts'

const first = caseWriter('holdfast.v1 hello')
const later = caseWriter('holdfast.v1 frames', 'welcome')

const json = (value: unknown) => text(JSON.stringify(value))
const MALFORMED: Expected = { frame: { type: 'refused', code: 'malformed', definite: true } }
const hello = { type: 'hello', token: 't', versions: [1], instance: 'i', connection: 0, resume: [] }
const send = { type: 'send', conversation: '0000000000001', key: 'k', n: 1, floor: 1 }
/** What answers to the text of itself by an error. */
const UNSPEAKABLE = { toString: 1, valueOf: 1 }
const depth = 10_000

/** What is good RFC 6455 and no good `holdfast.v1`; a frame that is refused keeps its socket only after the welcome. */
export const PROTOCOL: readonly ConformanceCase[] = [
  ...['', ' ', 'hello', '[]', 'null', '17', '"hello"', '{', '{}', '{"type":1}', '\ufeff{"type":"ping"}'].map((source) =>
    first.ends(`"${source}" is no frame`, [text(source)], MALFORMED, { close: 4400 }),
  ),
  first.fails('a question before the hello is refused', 4400, text(QUESTION)),
  first.fails('a command before the hello is refused', 4400, json({ ...send, body: { type: 'join' } })),
  first.fails('binary before the hello is refused', 4400, clientFrame({ opcode: OPCODE.binary, payload: '{}' })),
  first.fails(
    'a field that has no text of its own does no more than others',
    4400,
    json({ type: 'ping', instance: UNSPEAKABLE }),
  ),
  first.ends('a type that has no text of its own is no type', [json({ type: UNSPEAKABLE })], MALFORMED, {
    close: 4400,
  }),
  first.ends(
    'a token that was not made here is refused',
    [json(hello)],
    { frame: { type: 'refused', code: 'token-invalid' } },
    {
      close: 4401,
    },
  ),
  first.ends('a token that is an object is refused', [json({ ...hello, token: UNSPEAKABLE })], MALFORMED, {
    close: 4400,
  }),
  first.ends('an instance that is an object is refused', [json({ ...hello, instance: UNSPEAKABLE })], MALFORMED, {
    close: 4400,
  }),
  first.ends(
    'versions that nobody speaks are refused',
    [json({ ...hello, versions: [999] })],
    { frame: { type: 'refused', code: 'version-unsupported' } },
    { close: 4406 },
  ),
  first.ends(
    'more conversations than one may look at are refused',
    [json({ ...hello, resume: Array(257).fill({ conversation: '0000000000001', after: 0 }) })],
    MALFORMED,
    { close: 4400 },
  ),
  later.fails('a second hello ends the socket', 4400, json(hello)),
  later.ends('what is no frame ends the socket, whoever sends it', [text('[]')], MALFORMED, { close: 4400 }),
  later.lives('an unknown type is refused and the socket goes on', [json({ type: 'subscribe' })], quoted('subscribe')),
  later.lives('the name of a method is an unknown type', [json({ type: 'toString' })], quoted('toString')),
  later.lives('the name of a prototype is an unknown type', [json({ type: '__proto__' })], quoted('__proto__')),
  later.lives(
    'unknown fields are passed over',
    [json({ type: 'ping', instance: UNSPEAKABLE, key: UNSPEAKABLE, more: [] })],
    ANSWER,
  ),
  later.lives('of a field that comes twice the last counts', [text('{"type":"pong","type":"ping"}')], ANSWER),
  later.lives('a prototype in a frame is passed over', [text('{"type":"ping","__proto__":{"type":"pong"}}')], ANSWER),
  later.lives('white space around a frame is none of its business', [text(`\n\t ${QUESTION} \r\n`)], ANSWER),
  later.lives(
    'lists in lists ten thousand deep are passed over',
    [text(`{"type":"ping","deep":${'['.repeat(depth)}${']'.repeat(depth)}}`)],
    ANSWER,
  ),
  later.lives(
    'objects in objects ten thousand deep are no command',
    [text(`{"type":"send","body":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`)],
    MALFORMED,
  ),
  later.lives('a command without its fields is refused', [json({ type: 'send' })], MALFORMED),
  later.lives('a command whose body is none is refused', [json({ ...send, body: null })], MALFORMED),
  later.lives(
    'numbers that are too large are refused',
    [text('{"type":"attach","conversation":"0000000000001","after":1e999}')],
    MALFORMED,
  ),
  later.lives(
    'a foreign conversation is not shown',
    [json({ type: 'attach', conversation: '0000000000001', after: 0 })],
    { frame: { type: 'refused', code: 'not-allowed', conversation: '0000000000001' } },
  ),
  later.lives('a foreign conversation is not written to', [json({ ...send, body: { type: 'join' } })], {
    frame: { type: 'refused', code: 'not-allowed', key: 'k' },
  }),
  later.lives(
    'half a surrogate pair in an escape is refused',
    [
      text(
        `{"type":"send","conversation":"0000000000001","key":"k","n":1,"floor":1,"body":{"type":"leave","reason":"\\ud800"}}`,
      ),
    ],
    { frame: { type: 'refused', code: 'bad-text', key: 'k' } },
  ),
  later.fails(
    'a flood of two thousand frames ends the socket',
    4429,
    joined(Array.from({ length: 2000 }, () => text('{"type":"pong"}'))),
  ),
]
