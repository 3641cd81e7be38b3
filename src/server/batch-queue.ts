interface Asked<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Work that costs little more together than alone: whatever is asked for while earlier batches are under way goes in
 * the next one. No timer: who asks alone waits for nobody.
 */
export class BatchQueue<Item, Result> {
  readonly #perform: (items: readonly Item[]) => Promise<readonly Result[]>
  readonly #limits: { readonly inFlightMax: number; readonly itemsMax: number }
  readonly #waiting: Asked<Item, Result>[] = []
  #inFlight = 0

  /** `perform` answers each item in its place; when it rejects, everybody in the batch is told. */
  constructor(
    limits: { readonly inFlightMax: number; readonly itemsMax: number },
    perform: (items: readonly Item[]) => Promise<readonly Result[]>,
  ) {
    this.#limits = limits
    this.#perform = perform
  }

  ask(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      this.#pump()
    })
  }

  #pump(): void {
    while (this.#inFlight < this.#limits.inFlightMax && this.#waiting.length > 0)
      void this.#send(this.#waiting.splice(0, this.#limits.itemsMax))
  }

  async #send(batch: readonly Asked<Item, Result>[]): Promise<void> {
    this.#inFlight += 1
    try {
      const results = await this.#perform(batch.map(({ item }) => item))
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index]
        if (result === undefined) reject(new Error('an item of a batch was not answered'))
        else resolve(result)
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#inFlight -= 1
      this.#pump()
    }
  }
}
