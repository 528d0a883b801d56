import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** Licences that let us hand on the code with their text beside it. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
])

/** Packages that name a licence and bring no text: another one of the same author, under the same licence, that does. */
const SAME_TERMS: Readonly<Record<string, string>> = { '@nodable/entities': 'fast-xml-parser' }

const INTRODUCTION =
  'The files beside this one hold code of the packages below, each under the licence that follows its name.'

/** What the packages ask for of whom hands on their code: names, versions and licence texts of all that is in the bundle. */
export function thirdPartyNotices(metafile: Pick<Metafile, 'outputs'>, root: string): string {
  const inputs = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  )
  const packages = [...new Set(inputs.flatMap((path) => packageFolder(path) ?? []))]
    .sort()
    .map((folder) => readPackage(join(root, folder), join(root, 'node_modules')))
  const faults = packages.flatMap(faultsOf)
  if (faults.length > 0) throw new Error(`What is bundled may not be handed on like this:\n${faults.join('\n')}`)
  const notices = packages.map(({ title, license, texts }) => [`${title} (${license})`, ...texts].join('\n\n'))
  return `${[INTRODUCTION, ...new Set(notices)].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** `node_modules/@a/b/x.js` → `node_modules/@a/b`; the innermost, where packages bring packages. */
function packageFolder(path: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0]
}

interface Package {
  readonly title: string
  readonly license: string
  readonly texts: readonly string[]
}

function readPackage(folder: string, modules: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const sibling = SAME_TERMS[name]
  const texts = sibling === undefined ? textsIn(folder) : textsIn(join(modules, sibling))
  return { title: `${name} ${version}`, license: String(license), texts }
}

/** Files of their own, or the end of the README where the terms stand in full. */
function textsIn(folder: string): string[] {
  const names = readdirSync(folder).sort()
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim()
  const own = names.filter((name) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(name)).map(read)
  if (own.length > 0) return own
  const sections = names
    .filter((name) => /^readme/i.test(name))
    .flatMap((name) =>
      read(name)
        .split(/^#+ licen[cs]e.*$/im)
        .slice(1),
    )
  return sections.filter((text) => text.includes('Permission is hereby granted')).map((text) => text.trim())
}

function faultsOf({ title, license, texts }: Package): string[] {
  return [
    ...(isAllowed(license) ? [] : [`${title}: its licence is ${license}`]),
    ...(texts.length === 0 ? [`${title}: it comes without the text of its licence`] : []),
  ]
}

/** An SPDX expression: one of several by OR, all of several by AND. */
function isAllowed(expression: string): boolean {
  const alternatives = expression.replace(/^\((.*)\)$/, '$1').split(' OR ')
  return alternatives.some((all) => all.split(' AND ').every((licence) => ALLOWED.has(licence)))
}
