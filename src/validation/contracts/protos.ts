import { parse } from 'yaml'
import { z } from 'zod'
import type { ContractFact } from '../../../schemas/repository.ts'
import { tryParse } from '../../expected.ts'
import type { Tree } from '../manifest.ts'
import { bufInputs } from './generators.ts'
import { isCopy, isSample } from './places.ts'

/** Packages that lie in many repositories and belong to none of them. */
const COMMON = /^(google|grpc|buf(?!\.build\/)|validate|gogoproto|envoy|xds|udpa|opentelemetry|protoc_gen_\w+)(\.|$)/

/** Code that a generator of protobuf made, and how it says what from. */
const GENERATED = /(_pb2\.pyi?|\.pb\.go|_pb\.(d\.)?[tj]s|\.pb\.(h|cc|rs|ts))$/

const Names = z.array(z.string()).catch([]).default([])
const Buf = z.looseObject({
  name: z.string().optional().catch(undefined),
  deps: Names,
  modules: z
    .array(z.looseObject({ name: z.string().optional() }))
    .catch([])
    .default([]),
})

/** Packages of protobuf: owned where a service of it is declared, used where a copy, an import or generated code lies. */
export async function findProtos(tree: Tree): Promise<ContractFact[]> {
  const found: ContractFact[] = []
  const add = (role: ContractFact['role'], name: string, path: string) => {
    if (name !== '' && !COMMON.test(name)) found.push({ kind: 'proto', role, name, path })
  }
  const own = tree.named('.proto')
  const isOwn = (file: string) => own.some((path) => path === file || path.endsWith(`/${file}`))
  for (const path of own.filter((path) => !isSample(path)).slice(0, 300)) {
    const text = withoutComments((await tree.read(path)) ?? '')
    const name = /^[ \t]*package[ \t]+([\w.]+)[ \t]*;/m.exec(text)?.[1] ?? ''
    if (isCopy(path)) add('uses', name, path)
    else if (/^[ \t]*service[ \t]+\w+/m.test(text)) add('owns', name, path)
    for (const [, file = ''] of text.matchAll(/^[ \t]*import[ \t]+(?:public[ \t]+|weak[ \t]+)?"([^"\n]+)"[ \t]*;/gm))
      if (!isOwn(file)) add('uses', packageOf(file), path)
  }
  for (const path of tree.paths.filter((path) => GENERATED.test(path)).slice(0, 300)) {
    const head = ((await tree.read(path)) ?? '').slice(0, 4096)
    const [, file, name] =
      /@generated from file (\S+\.proto) \(package ([\w.]+)/.exec(head) ??
      /^(?:\/\/|#)\s*source: (\S+\.proto)\s*$/m.exec(head) ??
      []
    if (file !== undefined && !isOwn(file)) add('uses', name ?? packageOf(file), path)
  }
  for (const path of tree.named('buf.yaml').slice(0, 50)) {
    const text = await tree.read(path)
    const buf = tryParse(() => Buf.parse(parse(text ?? '', { maxAliasCount: 0 })))
    for (const name of [buf?.name, ...(buf?.modules ?? []).map((module) => module.name)]) add('owns', name ?? '', path)
    for (const name of buf?.deps ?? []) add('uses', name, path)
  }
  for (const { path, module } of await bufInputs(tree)) add('uses', module ?? '', path)
  return found
}

/** `acme/billing/v1/billing.proto` → `acme.billing.v1`, as the style guides of protobuf have it. */
function packageOf(file: string): string {
  return file.split('/').slice(0, -1).join('.')
}

/** Without a pattern: one that looks for the end of each comment takes hours on a file of beginnings. */
function withoutComments(text: string): string {
  const [first = '', ...rest] = text.split('/*')
  const kept = rest.map((part) => (part.includes('*/') ? part.slice(part.indexOf('*/') + 2) : ''))
  return [first, ...kept].join(' ').replaceAll(/\/\/.*$/gm, '')
}
