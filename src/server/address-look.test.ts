import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { selfSigned } from '../config/certificate-chain-node.ts'
import { lookAtAddress } from './address-look-node.ts'
import { TlsFront } from './tls-front-node.ts'

const WANTED = { cluster: 'ours', nonce: '0123456789abc' }

test('[SV131] a look at an address tells who answers there and which certificate is shown, believed or not', async (context) => {
  let listener: RequestListener = () => {}
  const server = new TlsFront(await selfSigned(['chat.example.com', '127.0.0.1'], Date.now())).serverFor(
    (request, response) => listener(request, response),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const look = () => lookAtAddress(url, WANTED)

  listener = ({ url: path }, response) => {
    assert.equal(path, `/api/set-up/reach/${WANTED.nonce}`)
    response.end(JSON.stringify(WANTED))
  }
  const ours = await look()
  assert.deepEqual([ours.addresses, ours.reached, ours.reason], [['127.0.0.1'], 'this cluster', ''])
  assert.deepEqual([ours.shown?.trusted, ours.shown?.reason], [false, 'it signed itself'])
  assert.deepEqual(ours.shown?.names, ['chat.example.com', '127.0.0.1'])
  assert.match(ours.shown?.fingerprint ?? '', /^[0-9a-f]{64}$/)

  const answers: readonly (readonly [RequestListener, string])[] = [
    [(_, response) => response.end(JSON.stringify({ ...WANTED, cluster: 'theirs' })), 'another Holdfast cluster'],
    [(_, response) => response.end(JSON.stringify({ ...WANTED, nonce: 'of a cache' })), 'it answers 200'],
    [(_, response) => response.writeHead(302, { location: '/' }).end(), 'it answers 302 and leads elsewhere'],
    [(_, response) => response.end('x'.repeat(100_000)), 'it answers 200'],
  ]
  for (const [answer, reason] of answers) {
    listener = answer
    const { reached, ...found } = await look()
    assert.deepEqual([reached, found.reason], ['another', reason])
  }
  listener = ({ socket }) => socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')
  assert.equal((await look()).reached, 'nobody')
  listener = (request) => request.socket.destroy()
  assert.equal((await look()).reached, 'nobody')
  listener = (_, response) => {
    const drip = setInterval(() => response.write(' '), 20)
    response.once('close', () => clearInterval(drip))
  }
  assert.equal((await lookAtAddress('https://chat.example.com:99999', WANTED)).reached, 'nobody')
  const { reached, reason } = await lookAtAddress(url, WANTED, 200)
  assert.deepEqual([reached, reason], ['nobody', 'no answer within 0.2 s'])
})
