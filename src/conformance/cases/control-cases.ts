import { clientFrame, close, joined, OPCODE, ping, text } from '../../chaos/frame-bytes.ts'
import { ANSWER, type ConformanceCase, caseWriter, QUESTION } from '../conformance-case.ts'

const pinging = caseWriter('5.5.2')
const ponging = caseWriter('5.5.3')
const control = caseWriter('5.5')
const welcome = caseWriter('5.5.2', 'welcome')

const pong = (payload: Uint8Array | string) => clientFrame({ opcode: OPCODE.pong, payload })
const EVERY_BYTE = Uint8Array.from({ length: 125 }, (_, index) => index * 2)

/** Pings, pongs, and control frames that are not as they must be. */
export const CONTROL: readonly ConformanceCase[] = [
  pinging.lives('a ping without payload is answered', [ping()], { pong: '' }),
  pinging.lives('a ping is answered with its payload', [ping('hello')], { pong: 'hello' }),
  pinging.lives('a ping of one byte is answered', [ping(Uint8Array.of(0))], { pong: Uint8Array.of(0) }),
  pinging.lives('a ping of 125 bytes is answered', [ping(EVERY_BYTE)], { pong: EVERY_BYTE }),
  pinging.lives('the payload of a ping need not be text', [ping(Uint8Array.of(0xff, 0xfe, 0xc0))], {
    pong: Uint8Array.of(0xff, 0xfe, 0xc0),
  }),
  pinging.lives(
    'pings are answered in their order',
    [ping('1'), ping('2'), ping('3')],
    { pong: '1' },
    { pong: '2' },
    { pong: '3' },
  ),
  pinging.lives(
    'fifty pings of one packet are answered in their order',
    [joined(Array.from({ length: 50 }, (_, index) => ping(String(index))))],
    ...Array.from({ length: 50 }, (_, index) => ({ pong: String(index) })),
  ),
  pinging.survives(
    'a thousand pings of one packet harm nobody else',
    joined(Array.from({ length: 1000 }, () => ping('!'))),
  ),
  welcome.lives('a ping before a text is answered first', [joined([ping('1'), text(QUESTION)])], { pong: '1' }, ANSWER),
  welcome.lives('a text before a ping is answered first', [joined([text(QUESTION), ping('1')])], ANSWER, { pong: '1' }),
  ponging.lives('a pong that nobody asked for is passed over', [pong('')]),
  ponging.lives('a pong with a payload is passed over', [pong('heartbeat')]),
  ponging.lives('a pong of 125 bytes is passed over', [pong(EVERY_BYTE)]),
  ponging.lives(
    'ten pongs are passed over',
    Array.from({ length: 10 }, () => pong('x')),
  ),
  ponging.lives('a pong whose payload is no text is passed over', [pong(Uint8Array.of(0x80))]),
  ...([OPCODE.ping, OPCODE.pong, OPCODE.close] as const).flatMap((opcode) => {
    const name = { 8: 'close', 9: 'ping', 10: 'pong' }[opcode]
    return [
      control.fails(`a ${name} of 126 bytes is refused`, 1002, clientFrame({ opcode, payload: new Uint8Array(126) })),
      control.fails(
        `a ${name} of 70000 bytes is refused`,
        1002,
        clientFrame({ opcode, payload: new Uint8Array(70_000) }),
      ),
      control.fails(
        `a ${name} with its length in 16 bits is refused`,
        1002,
        clientFrame({ opcode, payload: 'ab', lengthBits: 16 }),
      ),
      control.fails(`a ${name} in fragments is refused`, 1002, clientFrame({ opcode, fin: false })),
      control.fails(
        `a ${name} in fragments with a payload is refused`,
        1002,
        clientFrame({ opcode, payload: 'ab', fin: false }),
      ),
    ]
  }),
  control.fails(
    'a ping in fragments inside a text is refused',
    1002,
    text('{', { fin: false }),
    ping('', { fin: false }),
  ),
  pinging.ends('a ping after a close is not answered', [close(1000), ping('late')], { close: 1000 }),
]
