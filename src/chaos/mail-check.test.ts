import assert from 'node:assert/strict'
import test from 'node:test'
import { checkAlarmMails, checkMails } from './mail-check.ts'

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

test('[CA27] of each alarm one mail tells that it began, and one that it is over', () => {
  const [a, b] = [
    { id: 'a', ended: true },
    { id: 'b', ended: false },
  ]
  const mails = ['a:raised', 'a:raised', 'a:cleared', 'b:raised'].map((notice) => `alarm:${notice}:mail:x@y`)
  const still = { before: [a, b], after: [a, b] }
  assert.deepEqual(checkAlarmMails(still, mails), { notices: 3, lost: 0, astray: 0 })
  assert.deepEqual(checkAlarmMails(still, ['alarm:b:cleared:mail:x@y', 'alarm:c:raised:mail:x@y']), {
    notices: 2,
    lost: 3,
    astray: 2,
  })
  const since = { before: [b], after: [a, { ...b, ended: true }] }
  assert.deepEqual(checkAlarmMails(since, mails), { notices: 3, lost: 0, astray: 0 })
})
