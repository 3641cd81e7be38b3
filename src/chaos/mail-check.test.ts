import assert from 'node:assert/strict'
import test from 'node:test'
import { checkMails } from './mail-check.ts'

const mail = (to: string, messageId = `<${to}>`) => ({ to, messageId })

test('[CA27] a mail that came again under its Message-ID is one mail', () => {
  assert.deepEqual(checkMails(['a', 'b'], [mail('a'), mail('b'), mail('a')]), {
    lost: 0,
    doubled: 0,
    astray: 0,
    repeated: 1,
  })
})

test('[CA27] what never came is lost, what came under another Message-ID is doubled, what nobody is owed is astray', () => {
  const check = checkMails(['a', 'b'], [mail('a'), mail('a', '<another>'), mail('c')])
  assert.deepEqual(check, { lost: 1, doubled: 1, astray: 1, repeated: 0 })
})
