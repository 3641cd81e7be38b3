// The floor of R5 and R7: the least that a WebSocket server can do with the same connections and bytes. No database.
//
//   node bare-server.js --port 4001
//
// A client says how many words it missed, {"missed":300}; it is given so many, in frames of up to 100, made once.
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'

const { values } = parseArgs({ options: { port: { type: 'string' } } })
const WORDS_A_FRAME = 100

const word = (index) => ({ seq: index, at: 0, from: 'visitor', text: `@@0@floor.${index}@`.padEnd(200, 'x') })
const made = new Map()
function framesOf(missed) {
  if (!made.has(missed)) {
    const words = Array.from({ length: missed }, (_, index) => word(index + 1))
    const pages = Array.from({ length: Math.ceil(missed / WORDS_A_FRAME) }, (_, page) =>
      words.slice(page * WORDS_A_FRAME, (page + 1) * WORDS_A_FRAME),
    )
    made.set(missed, pages.map((page) => Buffer.from(JSON.stringify(page))))
  }
  return made.get(missed)
}

const server = new WebSocketServer({ port: Number(values.port), host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (socket) => {
  socket.on('error', () => {})
  socket.on('message', (data) => {
    const { missed } = JSON.parse(String(data))
    socket.send('{"welcome":true}')
    for (const frame of framesOf(missed)) socket.send(frame, { binary: false })
  })
})
// Whoever started this ends it by closing its input, or by ending itself.
process.stdin.resume().on('end', () => process.exit())
server.on('listening', () => console.log('ready'))
