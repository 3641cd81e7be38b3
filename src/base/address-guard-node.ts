import { BlockList, isIP } from 'node:net'

// https://www.iana.org/assignments/iana-ipv4-special-registry: what is not reachable from everywhere, or not one host.
const SPECIAL_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
// Of IPv6 only global unicast is public, without what carries IPv4 addresses inside (Teredo, 6to4), tests and papers.
const GLOBAL_V6 = '2000::/3'
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

/** Addresses of an operator's own networks that may be reached, beside public ones. */
export class AllowedNetworks {
  readonly #list: BlockList

  private constructor(list: BlockList) {
    this.#list = list
  }

  /** `10.1.2.0/24, 127.0.0.1, fd00::/8`; the first part that is none of these, where one is. */
  static parse(text: string): AllowedNetworks | { readonly fault: string } {
    const list = new BlockList()
    for (const part of text.split(',').map((each) => each.trim()))
      if (part !== '' && !addTo(list, part)) return { fault: part }
    return new AllowedNetworks(list)
  }

  has(address: string): boolean {
    return isIP(address) !== 0 && this.#list.check(address, familyOf(address))
  }
}

/** Whether every machine of the internet means the same host by this address. */
export function isPublicAddress(address: string): boolean {
  const special = new BlockList()
  if (isIP(address) === 4) {
    for (const network of SPECIAL_V4) addTo(special, network)
    return !special.check(address)
  }
  if (isIP(address) !== 6) return false
  const global = new BlockList()
  addTo(global, GLOBAL_V6)
  for (const network of SPECIAL_V6) addTo(special, network)
  return global.check(address, 'ipv6') && !special.check(address, 'ipv6')
}

function addTo(list: BlockList, network: string): boolean {
  const [address = '', length, ...more] = network.split('/')
  const bits = length === undefined ? undefined : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  const most = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || more.length > 0 || (bits !== undefined && !(bits <= most))) return false
  if (bits === undefined) list.addAddress(address, familyOf(address))
  else list.addSubnet(address, bits, familyOf(address))
  return true
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6'
}
