import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { type KeyedChain, selfSigned } from '../config/certificate-chain-node.ts'
import { CertificateVault } from '../config/certificate-vault-node.ts'
import { stagedKeys } from '../config/private-keys-stage.ts'
import { TlsFront } from '../server/tls-front-node.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { checkPublicCertificate } from './certificate-check-node.ts'

// Certificates know whole seconds only.
const NOW = Math.floor(Date.now() / 1000) * 1000

async function stored(certificate: KeyedChain): Promise<MemoryStore> {
  const documents = new MemoryStore({ now: () => NOW })
  const vault = new CertificateVault({ documents, keys: stagedKeys(documents) })
  await vault.store({ ...certificate, source: 'imported', by: 'ada', at: NOW }, 0)
  return documents
}

async function serverOf(certificate: KeyedChain) {
  const server = new TlsFront(certificate).serverFor((_request, response) => response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

test('the doctor says whether the certificate has the public name, is whole, lasts, and is the one that is shown', async () => {
  const nothing = new MemoryStore({ now: () => NOW })
  assert.equal((await checkPublicCertificate(nothing, 'http://localhost:8400', NOW)).state, 'unknown')
  assert.equal((await checkPublicCertificate(nothing, undefined, NOW)).state, 'unknown')
  assert.match((await checkPublicCertificate(nothing, 'https://a.example', NOW)).found, /there is no certificate/)

  const made = await selfSigned(['127.0.0.1'], NOW)
  const documents = await stored(made)
  const untrusted = await checkPublicCertificate(documents, 'https://chat.example', NOW)
  assert.equal(untrusted.state, 'failed')
  assert.match(untrusted.found, /not for chat\.example.*signed itself/)

  setDefaultCACertificates([...getCACertificates('default'), ...made.chain])
  const [same, another] = [await serverOf(made), await serverOf(await selfSigned(['127.0.0.1'], NOW))]
  try {
    const good = await checkPublicCertificate(documents, same.url, NOW)
    assert.deepEqual(good, {
      state: 'ok',
      found: `127.0.0.1, chain whole, good for 397 days, shown at ${same.url}`,
      remedy: '',
    })
    assert.match((await checkPublicCertificate(documents, another.url, NOW)).found, /shows another certificate/)
    assert.match((await checkPublicCertificate(documents, 'https://127.0.0.1:1', NOW)).found, /cannot be reached/)
    const late = await checkPublicCertificate(documents, same.url, NOW + 390 * 86_400_000)
    assert.match(late.found, /another 7 days only/)
  } finally {
    same.close()
    another.close()
  }
})
