// S and S': what a careful team builds on Socket.IO by its own documentation. One process is one node.
//
//   node socketio-server.js --port 4001 --database postgres://... --redis redis://... [--catch-up]
//
// - Nodes talk by the Redis Streams adapter, with connection-state recovery.
// - A message is one INSERT in a transaction of its own, is then emitted to its room, and is then acknowledged: an
//   acknowledgement says that the message is committed. A second try with the same key is acknowledged and not repeated.
// - `--catch-up` (S'): whoever could not be recovered is given what the table has behind the last id that it saw, as in
//   the step "handling disconnections" of Socket.IO's own tutorial.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import pg from 'pg'
import { createClient } from 'redis'
import { Server } from 'socket.io'

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    database: { type: 'string' },
    redis: { type: 'string' },
    'catch-up': { type: 'boolean', default: false },
  },
})

// Every connection of the pool commits one message at a time: ten of them let PostgreSQL share its fsyncs.
const pool = new pg.Pool({ connectionString: values.database, max: 10 })
pool.on('error', (error) => console.error(error.message))

const INSERT = {
  name: 'insert',
  text: `INSERT INTO message (room, sender, key, text) VALUES ($1, $2, $3, $4)
         ON CONFLICT (room, key) DO NOTHING RETURNING id`,
}
const MISSED = { name: 'missed', text: 'SELECT id, sender, text FROM message WHERE room = $1 AND id > $2 ORDER BY id' }

const redis = createClient({ url: values.redis })
redis.on('error', (error) => console.error(error.message))
await redis.connect()

const http = createServer()
const io = new Server(http, {
  adapter: createAdapter(redis, { onlyPlaintext: true }),
  connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
  transports: ['websocket'],
  perMessageDeflate: false,
  serveClient: false,
})

io.on('connection', async (socket) => {
  const { room, member, serverOffset } = socket.handshake.auth
  // Rooms are among what a recovered connection has kept.
  if (!socket.recovered) await socket.join(room)

  socket.on('message', async (key, text, acknowledge) => {
    try {
      const { rows } = await pool.query({ ...INSERT, values: [room, member, key, text] })
      const id = rows[0]?.id
      if (id !== undefined) io.to(room).emit('message', { id, from: member, text })
      acknowledge()
    } catch (error) {
      // Without an acknowledgement the client tries again.
      console.error(error.message)
    }
  })

  if (values['catch-up'] && !socket.recovered && serverOffset !== undefined) {
    const { rows } = await pool.query({ ...MISSED, values: [room, serverOffset] })
    for (const { id, sender, text } of rows) socket.emit('message', { id, from: sender, text })
  }
})

// Whoever started this ends it by closing its input, or by ending itself.
process.stdin.resume().on('end', () => process.exit())
http.listen(Number(values.port), '127.0.0.1', () => console.log('ready'))
