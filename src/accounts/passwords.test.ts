import assert from 'node:assert/strict'
import test from 'node:test'
import { argonPasswords } from './password-hash-node.ts'
import { passwordFault } from './password-rule.ts'

test('[AN4] a password is long, is not the name, and nothing else is asked of it', () => {
  const good = ['correct horse battery', 'zwölf Kaffeetassen', 'aaaaaaabcdefg', '🐴🐴🔋📎🎈🧦🌵🥨🐝🍋🪁🧶']
  for (const password of good) assert.equal(passwordFault(password, 'ada'), undefined, password)
  const bad = ['', 'short', 'elevenchars', 'aaaaaaaaaaaaaaaa', 'x'.repeat(201), 'Charlotte-1234', '🐴🐴🔋📎🎈🧦']
  for (const password of bad) assert.match(passwordFault(password, 'charlotte') ?? '', /^[A-Z].*\.$/, password)
})

test('[AN2] passwords are hashed by argon2id with the parameters that OWASP names', async () => {
  const passwords = argonPasswords()
  const hash = await passwords.hash('correct horse battery')
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(await passwords.hash('correct horse battery'), hash, 'each has a salt of its own')
  assert.equal(await passwords.check('correct horse battery', hash), 'right')
  assert.equal(await passwords.check('correct horse batterx', hash), 'wrong')
  assert.equal(await passwords.check('ﬁfteen Ångströms', await passwords.hash('fifteen Ångströms')), 'right')
  assert.equal(passwords.isOutdated(hash), false)
  assert.equal(passwords.isOutdated(hash.replace('m=19456', 'm=4096')), true)
})

test('[AN3] whoever has no password is checked like everybody else, and is never right', async () => {
  const passwords = argonPasswords()
  for (const password of ['', 'anything at all']) assert.equal(await passwords.check(password, undefined), 'wrong')
  assert.equal(await passwords.check('x', 'no hash at all'), 'wrong')
})

test('[AN2] a few passwords are hashed at a time, and a crowd is told to come again', async () => {
  const passwords = argonPasswords()
  const crowd = Array.from({ length: 100 }, () => passwords.check('x', 'no hash at all'))
  const outcomes = await Promise.all(crowd)
  assert.ok(outcomes.includes('busy'))
  assert.equal(await passwords.check('x', 'no hash at all'), 'wrong')
})
