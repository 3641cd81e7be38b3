import type { PlantedBug } from './planted-bug.ts'

/** A conversation that rests in the store is woken by people only. */
export const lostWakeTimer: PlantedBug = {
  name: 'lost-wake-timer',
  sentence: 'A resting conversation forgets when it is to wake.',
  breaks: ['OW5'],
  // Whoever rests was left, was quiet for a minute, and must be due before the run ends.
  minutes: 5,
  wrapStore: (store) => ({
    ...store,
    release: (requests) => store.release(requests.map(({ conversation, epoch }) => ({ conversation, epoch }))),
  }),
}
