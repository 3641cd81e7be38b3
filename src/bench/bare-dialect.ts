import type { Dialect } from './dialect.ts'

/** For `bench/peers/bare-server.js`: whoever comes back says how many words it missed, and is given them. */
export function bareDialect(missed: number): Dialect {
  return {
    subprotocol: null,
    url: (address) => address,
    session(_place, wire) {
      let opened = 0
      return {
        opened() {
          wire.send(JSON.stringify({ missed: opened === 0 ? 0 : missed }))
          opened += 1
        },
        heard(frame) {
          if (frame.startsWith('{"welcome"')) wire.ready()
          else wire.given(frame)
        },
        /** Nobody keeps it: there is nothing to wait for. */
        say: (n) => wire.acknowledged(n),
      }
    },
  }
}
