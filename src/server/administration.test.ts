import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { PrivateKeys } from '../config/private-keys.ts'
import { SecretBox } from '../config/secret-box-node.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { movePrivateKeys } from './administration-node.ts'
import { memberRow } from './http-stage.ts'

const SECRET = 'the secret of the cluster'
const [RIGHT, WRONG] = ['the master key of all', 'a master key of one alone']

test('[CF56] the old form of a private key stays for as long as a node runs whose master key does not open the vault', async () => {
  const documents = new MemoryStore({ now: () => 0 })
  const key = { kid: '0123456789abcdef', madeAt: 1, publicKey: 'PUBLIC' }
  const sealedPrivateKey = await new SecretBox(SECRET).seal('PRIVATE', 'a key that signs tokens')
  await documents.putDocument('signing-keys', JSON.stringify({ keys: [{ ...key, sealedPrivateKey }] }), 0)
  const answers = new Map<string, () => Promise<unknown>>()
  const undo: (() => unknown)[] = []
  const nodeWith = (name: string, masterKey: string) => {
    const secrets = new SecretVault({ documents, masterKeys: [masterKey], clock: new ManualClock(), log: silentLog })
    const node = {
      onInspect: (_question: string, answer: unknown) => answers.set(name, answer as () => Promise<unknown>),
      inspect: async (asked: string) => answers.get(asked)?.(),
      members: () => [memberRow('a', ['chat']), memberRow('b', ['chat'])],
    }
    const keys = new PrivateKeys({ vault: secrets, secret: SECRET })
    return { secrets, move: movePrivateKeys({ log: silentLog, undo }, { documents, keys, secrets, node }) }
  }
  const body = async () => (await documents.document('signing-keys'))?.body
  try {
    const { secrets, move } = nodeWith('a', RIGHT)
    await secrets.set('mail-password', 'word')
    nodeWith('b', WRONG)
    await move.step()
    assert.ok((await body())?.includes(sealedPrivateKey), 'b would not start again')
    nodeWith('b', RIGHT)
    await move.step()
    assert.ok(!(await body())?.includes(sealedPrivateKey))
  } finally {
    for (const stop of undo) stop()
  }
})
