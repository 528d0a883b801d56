import { describe, expect, it } from 'vitest'
import { questions } from './reading.ts'

describe('open questions', () => {
  it('come from sections, tables and headings, without the settled ones', () => {
    const list = ['- Who pays?', '  Nobody knows.', '- ~~When?~~', '- [x] Where?', '- OQ-2: How?']
    expect(
      questions(
        '# P',
        '## Open Questions',
        ...list,
        '',
        '| # | Question | Owner |',
        '|--|--|--|',
        '| 1 | Why? | me |',
        '### Q3: Which?',
        'Some prose.',
      ),
    ).toEqual([
      { text: 'Who pays? Nobody knows.', lines: { start: 3, end: 4 }, section: ['P', 'Open Questions'] },
      { text: 'How?', lines: { start: 7, end: 7 }, section: ['P', 'Open Questions'] },
      { text: 'Why?', lines: { start: 11, end: 11 }, section: ['P', 'Open Questions'] },
      { text: 'Which?', lines: { start: 12, end: 13 }, section: ['P', 'Open Questions'] },
    ])
  })

  it('come from markers anywhere but code', () => {
    const lines = [
      'A limit of [NEEDS CLARIFICATION: how',
      'much?] applies. TBD: the unit. Owner: TBD',
      '- FR-1: keeps [NEEDS CLARIFICATION]',
      '- write `[NEEDS CLARIFICATION: x]` there',
      '```',
      'TBD: not this',
      '```',
    ]
    expect(
      questions('# P', '## Design', ...lines).map(({ text, lines: { start, end } }) => [text, start, end]),
    ).toEqual([
      ['how much?', 3, 4],
      ['the unit.', 4, 4],
      ['FR-1: keeps [NEEDS CLARIFICATION]', 5, 5],
    ])
  })
})

describe('a question is open until it is answered where it stands', () => {
  const open = (...lines: readonly string[]) =>
    questions('# P', '## Open questions', '', ...lines).map(({ text }) => text)

  it.each([
    ['- May a guest pay? Decision: no, only members.'],
    ['- May a guest pay? **Decision (2026-03-02):** no.'],
    ['- May a guest pay? Answered by Ann, 3 May: no.'],
    ['- May a guest pay? Resolved. They may not.'],
    ['- May a guest pay? No, not in this version.'],
    ['- May a guest pay? → Only members.'],
    ['- May a guest pay? ✅'],
    ['- [RESOLVED] May a guest pay? Members only.'],
    ['- May a guest pay? (decided: members only)'],
    ['- ~~May a guest pay?~~ Members only.'],
    ['- [x] May a guest pay?'],
    ['- Q: May a guest pay? A: members only.'],
    ['- Q: May a guest pay?\n  - A: members only.'],
    ['- May a guest pay?\n  - **Answer:** members only.'],
    ['- May a guest pay?\n  Answer: members only.'],
    ['- May a guest pay?\n\n  Decision: members only.'],
    ['- Q1: May a guest pay?\n- A1: members only.'],
    ['Q: May a guest pay?\nA: members only.'],
    ['May a guest pay?\n\nAnswer: members only.'],
    ['1. Darf ein Gast zahlen? Entscheidung: nur Mitglieder.'],
    ['1. Darf ein Gast zahlen? Nein, nur Mitglieder.'],
    ['- ¿Puede pagar un invitado? Respuesta: solo socios.'],
    ['- Un invité peut-il payer ? Décision : membres seulement.'],
    ['- 客は払えるか？ 回答：会員のみ。'],
    ['- 访客可以付款吗？已解决：仅限会员。'],
    ['### May a guest pay?\n\n**Decision:** members only.'],
    ['### May a guest pay? (resolved)\n\nMembers only.'],
    ['### May a guest pay?\n\n#### Decision\n\nMembers only.'],
    ['| Question | Answer |\n|--|--|\n| May a guest pay? | Members only |'],
    ['| # | Question | Status |\n|--|--|--|\n| 1 | May a guest pay? | Closed |'],
    ['| Frage | Question | Entscheidung |\n|--|--|--|\n| 1 | May a guest pay? | nur Mitglieder |'],
  ])('%s', (text) => {
    expect(open(...text.split('\n'))).toEqual([])
  })

  it.each([
    ['- May a guest pay?'],
    ['- May a guest pay? Decision: pending'],
    ['- May a guest pay? Decision: TBD'],
    ['- May a guest pay? Decision: to be made by Ann until May.'],
    ['- May a guest pay? Decision needed by: Ann'],
    ['- [Decision needed] May a guest pay?'],
    ['- May a guest pay? Answer: we do not know yet.'],
    ['- May a guest pay? Antwort: noch offen'],
    ['- May a guest pay? No decision yet.'],
    ['- May a guest pay? No idea.'],
    ['- May a guest pay? Nobody knows.'],
    ['- May a guest pay? Options: (a) yes (b) no'],
    ['- May a guest pay? A: members only, or B: all?'],
    ['- May a guest pay?\n  - a) members only\n  - b) all'],
    ['- May a guest pay?\n  - Answer: TBD'],
    ['- [ ] May a guest pay?'],
    ['- ~~Who delivers?~~ May a guest pay?'],
    ['- The decision: may a guest pay?'],
    ['### May a guest pay?\n\nSales asked for it.'],
    ['### May a guest pay?\n\n#### Decision'],
    ['| Question | Answer |\n|--|--|\n| May a guest pay? | TBD |'],
    ['| Question | Decision |\n|--|--|\n| May a guest pay? |  |'],
    ['| Question | Status |\n|--|--|\n| May a guest pay? | Decision needed |'],
  ])('%s stays open', (text) => {
    expect(open(...text.split('\n'))).toHaveLength(1)
  })

  it('of several, those that are answered are gone alone', () => {
    expect(
      open('- Who pays? Decision: the shop.', '- Who delivers?', '- Q: When?', '- A: In May.', '- Resolved: in Rome.'),
    ).toEqual(['Who delivers?'])
  })

  it('a list of frequent questions asks nothing, nor does one of questions and answers', () => {
    for (const title of ['FAQ', 'Q&A', 'Questions and answers', 'Frequently asked questions', 'Answered questions'])
      expect(
        questions('# P', `## ${title}`, '', '**Who pays?**', '', 'The shop.', '', '### When?', '', 'In May.'),
      ).toEqual([])
  })

  it.each([
    ['Paid by card [NEEDS CLARIFICATION: by whom?] Decision: by members.', 0],
    ['Paid by ~~[NEEDS CLARIFICATION: whom?]~~ members.', 0],
    ['Open question: may a guest pay? Answer: no.', 0],
    ['TBD: the currency. Resolved: euro.', 0],
    ['Paid by [NEEDS CLARIFICATION: whom?]\nAnswer: members.', 0],
    ['Paid by card [NEEDS CLARIFICATION: by whom?] Decision: pending.', 1],
    ['Paid by [NEEDS CLARIFICATION: whom?] when the decision: yes is shown.', 1],
  ])('a marker: %s', (text, count) => {
    expect(questions('# P', '## Design', '', ...text.split('\n'))).toHaveLength(count)
  })
})
