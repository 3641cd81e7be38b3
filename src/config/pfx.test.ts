import assert from 'node:assert/strict'
import test from 'node:test'
import { createSecureContext } from 'node:tls'
import { readPfxChain, selfSigned } from './certificate-chain-node.ts'
import { readPfx, writePfx } from './pfx-node.ts'

// Made by `openssl pkcs12 -export` for chat.example.com with the authority that signed it, good until 2126.
const PASSPHRASE = 'grün 123'
const AES = [
  'MIIILAIBAzCCB+IGCSqGSIb3DQEHAaCCB9MEggfPMIIHyzCCBoIGCSqGSIb3DQEHBqCCBnMwggZvAgEAMIIGaAYJKoZIhvcNAQcBMFcGCSqGSI',
  'b3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhCnTx2CWpT0wICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBiymKem2mmNJzRw1OnGn8GA',
  'ggYAQ86GqaLt6x+Yc2zT3RdojOw5I8GtjAfRMGiYlLoxHpKggU9Lqr7usvMEUKyLPYjR+wGYXsxPOmEhISkY+MvpA2Tj4BHAhET/6OAhqqY7G3',
  'LFx+f8ZS/6l+EclXC1+uEX3laPwzr85879Fwauv8bjb6OthKo9rBqNtpHot7wqiYOBGUYxRCGBCQDQ3dUw/5TzCrCKoBPSDhfDo4cbcLQ6kZhq',
  'KpLrTe9q3cEBB+AwzyBrn0rLik/uwkhOZfRdDhZyspwu2nd45RNx7M/DDkFNaDDbh3S/GKo9MJqs8crahOeMIl3aoxdKBqgGLdndjI8lWx4t4c',
  'kEyyrm6OLXq0NO5gIE9vNmTDjMRvVuEUEiwjWZVdR1jDEOMOhTiHuUYP0aMHdzbDenkwFT+fNNmsvDNkShNijy1VG1/01RvRYrFCffKe3YWtlp',
  '6XAgBqdtiq4+Pt1g/Y53ddWKKhbOMf1Pn0q4gzdoaF/lDiCe7nR4gBeCg82eWu5SB0fBV6Q0MkCD3VYVdbGajAZjBv4LnLd9+9556WeQwKX5zT',
  'S2yTYuyjyV11/O39p4bqV9ulSonXcu8Sheshw7tmlCtIpjZnMsvsRdDva6sOMSBsijhJSWzt8zSKRQtm+IM2lAAR5mOKQI8xeN9dBrVxvBD8EQ',
  'PkRZQYjt7VyAI+3NcWvmaxlr4c06JVZfLA3Rnc6y/0+dy8atGaVZXkL/4Bos//oDQPHpl6ympxnINuZOi0j76hOVlKc3f6zlhcxuqWfNHvKno+',
  'J4WnqUGvfYkqWTOF0GtZ4Vl+0+HmWWsN8KqoObuJNh6YMu5fb0Mvu/CVES0FjdeJC2VDGKy1nWeI5PZiwS1Oq30NRK/2zc7hyseHlNGJ9tQFSn',
  '/+jE8z5pEXywo8i7eDNUhECDe9lyucOS1ICQ0H0v69IZROZWX/+NQcEWxcRHY1PsPCblgey84PWkxQP8IdmthVz4Qq7sxZiig0MPQU7/Z4c2VS',
  '9yjMdqxNWODasSmaMgRKN++ik73A3stM+A9kmMNGSRoqokWa5nI5jDcmJtiRm3sJoVpyQt9q0vcewemHvkdJh7aaLS87LgwnSW09rkCziCRz8T',
  'pC2p65sOP9Zc/8L5syOlwXBT8pqqqOZJoPsGv/aFayqF97uj3tya288Zz4YZ6dJINbkJwys7QLks6TNkaoeb2OE2HVmFtazIpa5hbSd5XKMtVJ',
  'STivjIRMtGzByi7bGE0TGVxvmIy1+Upf+qcpjyCqpkgvIEBwwQxv+P3JocOxT/vSP/e2hj6p8kNmwVOKk63vLUrsp0wcwY5nFvYAxDgQjoioAW',
  'Yv4pBai5uyJH8k1i7a97gz5vBusG5ZZ+vKyvOcKTSafjr34/lOJBvw85L7FsU5sXQ1DVAUQGqy5qqW6LNedI08wWglAoZyuqE4qszfDqvR7AVv',
  'ZxchgAiDw45V54gdyYEjlS7Fpq9C8AVAFK3sJEuKKvH0JjsViGXw7sqtSTBoXZ/h8urWwrJcq2O9xN9LW514HastlVcwTpZNqBc5vxNXQHkWQj',
  'RDoNlwUwaV00Ocdpmk0Hyzgz+yrp+zvTVKF5c8n69ZyZaAAx9UUX/BsQkgid5MbzuecnslxXaJ88sDhS9fKDMeJQBUsyv7u3iwZ5eZUrIEFVQD',
  '634/4bqPN3uH4VAQC7opBRRAdmwA3bGT0M5irylopkpSmnV7XHFhavghnschD/SgZDwf0PlpvbHPgdolZVB7zZXcIOIWYb7nAI2t18EjJ5Le5C',
  'wrnOsMBhDlomcpaLqZoSYAJ8setj6uqypowJ12U+CeO5UEgbpq/uz332G5Kd+i87fUeihX9hEkzjPk/4HYVu505+69ohR74jm36xr78ubf/lAj',
  'rShWYoeCkZRsHYdTZuWrKvHoJ69hy0qhcz5Qj+I4HbMv6cxUCrVGQES4oDfTRIhWATtCw4jp+Re7RCKbME3icUsPj+iBGSjyGfVrrT/atKDla6',
  'apyBk9SmlJdMY0gDukIErIrIBF/g5ZU2//H98aHKiAYQKY9Xdccgu/tBeP6lwtMv+wCxBpx+MIIBQQYJKoZIhvcNAQcBoIIBMgSCAS4wggEqMI',
  'IBJgYLKoZIhvcNAQwKAQKgge8wgewwVwYJKoZIhvcNAQUNMEowKQYJKoZIhvcNAQUMMBwECEtNACIlzBZHAgIIADAMBggqhkiG9w0CCQUAMB0G',
  'CWCGSAFlAwQBKgQQNORn3h3mDRoXLnNSmhbeoASBkHcx99kfRJPFXK7VL/1ujigVuRIRaIaPotGRHrV5bpx5sKWUrIB10TvJCJH2cHj6GZtKQ/',
  'avNDYKrt6j9Hak3elMv/24lE/UNU+pUDbIeeIFT4MRhagSIo1NGOyUhV6VL+EURMHYgIgQfrN8B0TUfqK5NsLRL+ZBhgo0WCP0hbCFj2TKbX3J',
  'aZGNa/OSWl++ZDElMCMGCSqGSIb3DQEJFTEWBBTZQpUpGfcoolZpLXTC7fwMUBpvxDBBMDEwDQYJYIZIAWUDBAIBBQAEIE+mQ+ae6u3g66KfiD',
  '7HJgxfkxed/p13RkaTebqnEK9tBAgZ34g8+bcbYwICCAA=',
]
const TRIPLE_DES = [
  'MIIHogIBAzCCB2gGCSqGSIb3DQEHAaCCB1kEggdVMIIHUTCCBkcGCSqGSIb3DQEHBqCCBjgwggY0AgEAMIIGLQYJKoZIhvcNAQcBMBwGCiqGSI',
  'b3DQEMAQMwDgQIX1n173cSLKgCAggAgIIGAGtA5RGE0SsmRRqqEjmMyBypir/0iDpe7GZi64Wgad3Uwv0Mi8SBOHQfhuOwedAS+xjknmPFWdET',
  'jnHmeH7+D/E8l60vR+Y8Wo6xQNDgIgAYGi0VQOEOw6xzWXYBUTXX9S/eXs47HmOqmUHUJSlqsLdliKZ2hcoMKo2lNHtZN6xgiHhRVv/avq6nod',
  '9VNbf05XTbrZd0H4WRCjSgnaDxeI7PgHWBXciEvvyWzuc6S0TmdyltZCvBzOs8My+wYK42h8i4AyoXtgEIRDmfZ1wwklfYvIYqi5WZ41Mw9Fh7',
  'DiBjBHiItUZ8fhL/LH8Gen7696d5yrv6H7Mkd1PqIQhoKdaY81j+9m4KcfOobI150hGpRCyw2lkGy2Sl1fyc9Ysu8+mkzHdmykUXtYzouoz1dk',
  'XYJGVK3ejY4kwtHGtjdqCbm5Qn+43uNTH7zJT4IXz8vc+IZWzFg48jo+M4oTfbCNlNWbuAIfgEnqmh4EZpaR5PCtvFuzgcPTvMfo1m78k0s8qr',
  'dlUvoT9FnC39op3oX3q34QnrcUGQojX1qQX9OCpyVV7423P3AHjxmMpoCJnSS7lF+Zta5xX4Z5oJ4IuyaKwTdCTWTlZhbsUKgQA/xX/HFu6Ut6',
  'j62ZgY5a2H+5KSbuxX37F4VB+UKpfS3p+I5LsDKCKUdDPl9xbqeR8j7nppc8nPsGqZIhFGbHSbq+/bpPXjJ4QjzP2/cxqHdEnwBT2/3OmkRC9L',
  'MJoiFfNNrdpckrFii6gUkpXQ7j6fTuNN3X6ehthU7IrgpOvYaCcTrFFfmFbdtFErmEWaRxyqPUVTMl+yIeG+Wv0tx1zRGepR21GsbuJo1IyL91',
  '2vKgW1grGJG0PM3jIUFP27n1W0eM+lzbltmtqk0UdysbCNZSN2qmW+f+vwrs3BVSZEe1OY1BNFuI1vuG5M6xwXQCfOCV+kCFt/9/Ilwj1RyyuA',
  '3PyxZaOIZprFvrJiqP8pB6viGAsehuZIlcFXyhEh2GFmuQUdr9f+2Y1SpY+YFdWraZEn/y1HLvGqLeCZVIZscMmrCO2A3xKJifbj67NbWXLJSC',
  'ZM3aQC6XPpdcBffWZ7uBPVKS5Rcd2JnZZnLzlpBq9Dc+qNLGBAi4eLdiDJu3/vG50XvkJuv99EPtS+zksLTxmNp3rdV9pqQ2ON2wm1evCypcns',
  'RfRMwBAxe8iI2ce9r55LwUc3PZjvYU0VAV2in6KuJ7io562sGV0Irns9WopvudaSDf7RwEO71548CynjencW5yA6y2/HDpPjETg4kV1yv4lUAL',
  'GiBzZibtap7o1aI7nfDuYKRlrX74xu2lVx0k2r9zJrtJE+mTz0gNJlDJqxMDn3l74GQds/t0qAEycOH4qMhEhKgzmEtWKfny/EEZpp6jxzYYWs',
  'KbozZ5DMl07BvHXzJGan9zGyy7mApnvttzVvmlwxMqGibmG5wi6dmP1vuF7OY5mzHaCctQWl+bXsrGY8ros/YXQhlJWAq0NujTeZ6XXtBFKNfd',
  'NgnxeLPgyaKK6IylqZ++hhceQBpK3LCXA80LfS8f9sAXqvKPQskqm7OnrLvXgh9fJXa30H+WT9LBAX+6r4T/+agRnQbaZ86sSF3X76yxlhEGYz',
  'fYSVHX3m70rHrkXhzUS89X8qi+rtqZ9Uj8egc59S8AgORXo6iWnWG2Aknvfnih0SR/yTVkTtNsNHDgbpKGetEqJp3Zjrf9Y4EWstYcoOSYfG6Z',
  'oYrIi3An9As6Heh/Y1zbP6iWOqrGawNIlUMZcybdQJtjUf7+NalYcdLQEmGvX6/SjFJnDaZwkxO9sG7pOBxxWoCxeVgRbeXja5hiQx0GmFVazu',
  '1R69oQca3LUEE5d/qpahEptpQGOzKn52VADNFKJw2x6niuHa277B+E63TL3aK327FfkfdEBHyQ1SaAHx6+RZEfrXenBSVaYBmNIbN4vbLBYEly',
  'L+mabmqCdeBHS2KYDgzbA8J7mjCZU3/fzBZA+00EX/XN8ZBnO6+j/0GD3DdLvmco1SO7jeLGDUb9BWbrQN21n5snfRZOG4bZsaCLXCfzCCAQIG',
  'CSqGSIb3DQEHAaCB9ASB8TCB7jCB6wYLKoZIhvcNAQwKAQKggbQwgbEwHAYKKoZIhvcNAQwBAzAOBAjoPeKplh2X4gICCAAEgZBLHGPvEw9nLz',
  'mDcNcQYg89U0Y5d6qDEuAqqg0LjM/b09hUQyCoa17fX8SJwV6DPcTRnvHKBTGBgDgvMkRuUFaR7O5jM4Pk6OCzP6hspl+dIShIhXsoael/VWkU',
  '8OkwGSSRqAlStw2svXt+clqSXie6JNGwnlBYh54h82sV3GG5khtO3O2G64UFX5hSU755RCMxJTAjBgkqhkiG9w0BCRUxFgQU2UKVKRn3KKJWaS',
  '10wu38DFAab8QwMTAhMAkGBSsOAwIaBQAEFBCxl0mrl+uzuDdYF1QU7LukY+UkBAggfFBV2PNS6wICCAA=',
]
const RC2 = [
  'MIIHogIBAzCCB2gGCSqGSIb3DQEHAaCCB1kEggdVMIIHUTCCBkcGCSqGSIb3DQEHBqCCBjgwggY0AgEAMIIGLQYJKoZIhvcNAQcBMBwGCiqGSI',
  'b3DQEMAQYwDgQIfWS+kaTPbWECAggAgIIGAAW6SwCHQJ7oo9cqt3s69NEwzWxI+eJVslKbH0x3+Ql9pmizCl/NmS03vwTzFSiRv5Cq/B4c09Qf',
  'rRdUhiaOfUw0L3K1VnxsYnapWljGEu5oDscYxdwQ0EION9ZcygCM2OIG3SwLJQ4z6XpxF//nqhl/5OomMuLrbE/Jx2buKe2k+wFyhfUrwNfqlG',
  'CTMJj0LOope1th5xym1NMedWS3NgLg/OxWtL9eK/LZXxleD0j8UCV4QOzKdkW9aULgVb6dcZMRwIw5mfnRlJSPHsq//vOmVoGt9afVit0NIX+M',
  'dPqWtNwExneO50V3a6lPSYVYGwp2tIw0ZANJU56kHxfXQI/PRfrIMMO2b+P9BWOKuzlZrIZ2JpR9h04+yu8XnDSq8Xkn/OrKu6D0NwNXSDXZWv',
  'RKEmyLWfmgrdTgquGvG61lyG0H+C/4yLzqq4v07AzsWAOZ3A77HTGD1hIAaCObnTFlC+cBUljr3gc0pvS4z8CfXSfSBRsbkDQrA5v6mdoOBUak',
  'pBiypmMPmjH/qP70EzdOWYpIe+h5HaJ0fQr044UCSatfdijHTBsDKF/JA7YH5GqHBez3xoqEBxiECic/4/tAUm0I0mKGaRgnQ2LpC1gnyH4vrG',
  'TG7UVKO2nGxC3wWUD86p46kEC/XRBwpIXhj/dDDCckIT56cnSpzFJn3l8O1qPzDMiA9mM0TePSh/AR0UIXgKRoaCsd8s1M1Kq1fKB047w4cIBA',
  'L4VvpzgHNOTGTOxvvrz1hzPKVh7T+eicEygQbWuK3lDuBQ/LYLyTLbs6xCKODALyBm/POwbiFcUzDAeeGpl3YDnpUKqPXBbblGNayBmU36ky2m',
  'czQHmYvutJjL8Perk9o3HW5MGQL2hqgAhD7ftDfY1FXunWXUUfnKtgLFB+K327dvQ5ytBC1BxdIad7/ZTsfNqTktSbMNKZ/4tmvh1uuSD19Mjx',
  'a+pbhakPtAMglr59G6pm/iU5xiNmBCeYlWwen4hPA93mtSDQ69ajgZm57wktwxTWeojAL8tZicFW6F3KGWgQ0C2cYZOhLHj/q/eLsJkaNts7rZ',
  'iTbH/JtSVgSwKMzkpjinqiyKV8RzctN4QwPXFUqeJPvAnl1EwlWB3xCW9HNz4+6EL9fLWOn90R34Vrx6AVtAgOK81PF9jIIEGwZ5ECOIU0aYkF',
  'RLpWNMjd+IeXDDrEjzL1eTTy0mPBrIMmMoIhh86RUgsuoiM1tyXfCTsS9C3ULw/z648XPJqoJ37bVOD7qIKHpjtfoBgKUup0Gx1mPMRrdm1+tf',
  'c9VvWhESgcGbkr+hBgP6t5sCUd7GnaK61TK1IRWppYtpcl9wT9T9BIq4pD5JYX7dQ6WxDjxT1yDP7evjIOdINVFfvRwJWEYZPhtPQyPBjv/1Mb',
  'J2xNoAz834yjolyVA0QURhzeqBYlRCSVGncZQERKz8lGo1JRWXhkqRUhfAc00e5ZOHW0acNa3U67po66kjevNviGgNVX2EKqGSNbeJlti45aHu',
  'AxEKz8Vd0ymxSBewviF96UOZ+t1TxFIV2rE0YTfW9EU7zzvJPAxFeePC2JjeUikVXkQXsO1XDsMbaIcmYyqmzwiEBSPerRKy5pFKoW23j9XdZj',
  '3u5HWwVcb4/+AKqL5M1/g58I46YkfFP4jZbb2amZomY+X+JfCH7g5T4mvkt6Adxf5218eABADxpXBn3q793nF3bGpuXA+h1WkGrxdgADXssuXe',
  'Tn1+v3XdUc8WggC9yqHKcZoTtLiUq1euo3b/qPfTBE0FQEV51VUJcG/qXdAVaVU5fhuxXB6UY+pWqT57bWdUNp/136P8N+6rj2yGVEkozcLhHF',
  'f/cxHIz3Qt5a6/UWckZudAQfmlLTi6tW75+OlAsH5S3hWHcLT8W5p69B3V8DsCeF5D5qi0T8BfXXTn6LZAbrhxHnDuGb4btkChPYYzy+8J4Zsh',
  'xvreipmbUctpAYRVojCeWo0W3cwHxsRxhl9a9IBayFSPBiuMrtvVhE3NW6oV97y0//EM8gisLa1lW23k17EGRqyOUx7IdIj78OYh8bATCCAQIG',
  'CSqGSIb3DQEHAaCB9ASB8TCB7jCB6wYLKoZIhvcNAQwKAQKggbQwgbEwHAYKKoZIhvcNAQwBAzAOBAjv2jIYxQq+yAICCAAEgZBCRIBwAWqbjV',
  'EE/sp5xz0z25cSBF7XRESUBOfFY9P7FUxb3cmmmVTELvNSxoKsyslizk1PB6pNVjbo/R4b2MEEZAFOwVjNGLgQhbbHzL5equ8ujXV77UvtDjoa',
  'WCG7QDqDlbbhd8vhbM1Dj8NMzvzUvbsictmubb7AvHA23StzBJKGUZ47ffFNLCBjxvlxd74xJTAjBgkqhkiG9w0BCRUxFgQU2UKVKRn3KKJWaS',
  '10wu38DFAab8QwMTAhMAkGBSsOAwIaBQAEFMLXRQy7L9OFHY/x+wnnnVS+nsXaBAgnFuh8V8pK0QICCAA=',
]
const bytesOf = (lines: readonly string[]) => Buffer.from(lines.join(''), 'base64')

test('[CF60] PFX files of today and of old Windows are read, with their chain and their key', async () => {
  for (const lines of [AES, TRIPLE_DES]) {
    const read = await readPfxChain(bytesOf(lines), PASSPHRASE)
    assert.ok(read.kind === 'read', JSON.stringify(read))
    assert.equal(read.chain.length, 2)
    assert.match(read.key, /BEGIN PRIVATE KEY/)
    // Refuses a key that is not that of the certificate.
    createSecureContext({ cert: read.chain.join('\n'), key: read.key })
  }
})

test('[CF60] a PFX file that cannot be read is refused in a sentence that says why', async () => {
  const cases: readonly (readonly [Uint8Array, string, RegExp])[] = [
    [bytesOf(AES), 'wrong', /passphrase does not open it/],
    [bytesOf(TRIPLE_DES), '', /passphrase does not open it/],
    [bytesOf(RC2), PASSPHRASE, /old method .* export it again with AES/],
    [Buffer.from('hello'), '', /no ASN\.1/],
    [Buffer.alloc(0), '', /no ASN\.1/],
    [Buffer.from('3003020103', 'hex'), '', /missing/],
  ]
  for (const [bytes, passphrase, sentence] of cases) {
    const read = await readPfxChain(bytes, passphrase)
    assert.ok(read.kind === 'unreadable')
    assert.match(read.sentence, sentence)
  }
})

test('[CF60] a damaged PFX file never does more than be refused, wherever the damage is', async () => {
  const bytes = bytesOf(AES)
  for (let at = 0; at < bytes.length; at += 97) {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] ?? 0) ^ 0x55
    const read = await readPfxChain(damaged, PASSPHRASE)
    assert.ok(read.kind === 'read' || read.sentence.startsWith('The PFX file cannot be read'))
  }
})

test('[CF61] a PFX file that we write is read by others, and shows nothing without its passphrase', async () => {
  const made = await selfSigned(['chat.example.com'], Date.now())
  const pfx = await writePfx(made, PASSPHRASE)
  createSecureContext({ pfx, passphrase: PASSPHRASE })
  assert.throws(() => createSecureContext({ pfx, passphrase: 'another' }))
  assert.equal(pfx.includes('chat.example.com'), false)
  const read = await readPfx(pfx, PASSPHRASE)
  assert.deepEqual(read.keys, [`${made.key.trim()}\n`])
})
