import { adversarialTexts } from '../test/growth/adversarial-texts.ts'
import { readings } from '../test/growth/readings.ts'
import { processorTime } from '../test/processor-time.ts'

const CHARACTERS = 200_000
for (const t of adversarialTexts) for (const r of readings) r.read(t.make(1000))
const only = process.argv[2]
const sums = new Map<string, number>()
const largest = new Map<string, [number, string]>()
for (const reading of readings) {
  if (only && !new RegExp(only).test(reading.name)) continue
  for (const text of adversarialTexts) {
    const body = text.make(CHARACTERS)
    let ms = processorTime(() => reading.read(body)).ms
    if (ms > 200) ms = Math.min(ms, processorTime(() => reading.read(body)).ms)
    if (ms > 300) console.log(reading.name.padEnd(30), text.name.padEnd(50), ms.toFixed(0))
    const l = largest.get(reading.name)
    if (!l || l[0] < ms) largest.set(reading.name, [ms, text.name])
    sums.set(reading.name, (sums.get(reading.name) ?? 0) + ms)
  }
}
for (const [n, [ms, t]] of largest)
  console.log(
    n.padEnd(30),
    'largest',
    ms.toFixed(0),
    t,
    'mean',
    ((sums.get(n) ?? 0) / adversarialTexts.length).toFixed(0),
  )
