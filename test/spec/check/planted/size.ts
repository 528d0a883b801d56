import type { PlantedDefect } from './defect.ts'

const warehouse = 'prd-warehouse-fast-lane.md'

/** Four products that have nothing to do with urgent orders: [name, statement, criterion]. */
const foreign: readonly (readonly [string, string, string])[] = [
  [
    'Register a visitor',
    'The gate desk shall print a badge for a registered visitor.',
    'Given a registered visitor, when the guard presses "Badge", then the printer prints the name of the visitor',
  ],
  [
    'Refuse a stranger',
    'The gate desk shall refuse a badge for a person without a host.',
    'Given a person without a host, when the guard presses "Badge", then the desk shows "No host"',
  ],
  [
    'Sign a visitor out',
    'The gate desk shall close a visit when the guard scans the returned badge.',
    'Given an open visit, when the guard scans the returned badge, then the visit has an end time',
  ],
  [
    'List people in a fire',
    'The gate desk shall list the people in the building during a fire alarm.',
    'Given 31 open visits, when the alarm starts, then the list has 31 names',
  ],
  [
    'Announce a delivery van',
    'The gate desk shall assign a parking bay to an announced van.',
    'Given a free bay 7, when the driver rings, then the display shows "Bay 7"',
  ],
  [
    'Block a van',
    'The gate desk shall turn away a van without a booking.',
    'Given a van without a booking, when the driver rings, then the display shows "No booking"',
  ],
  [
    'Choose a meal',
    'The canteen page shall accept a meal order until 10:00.',
    'Given 9:59, when an employee orders soup, then the page shows the order number',
  ],
  [
    'Close the orders',
    'The canteen page shall refuse a meal order after 10:00.',
    'Given 10:01, when an employee orders soup, then the page shows "Too late for today"',
  ],
  [
    'Show the ingredients',
    'The canteen page shall show the ingredients of each dish.',
    'Given lentil soup, when an employee opens the dish, then the page shows 6 ingredients',
  ],
  [
    'Charge the wages',
    'The canteen page shall deduct the price of a meal from the monthly wage.',
    'Given a soup at 4 EUR, when the month ends, then the wage slip shows 4 EUR',
  ],
  [
    'Report the waste',
    'The canteen page shall report the weight of thrown-away food to the cook.',
    'Given 12 kilograms of waste, when the cook opens the report, then the report shows 12 kilograms',
  ],
  [
    'Invite a guest to lunch',
    'The canteen page shall issue a voucher for a guest.',
    'Given a guest, when the host presses "Invite", then the guest receives a voucher by e-mail',
  ],
  [
    'Charge a forklift',
    'The depot screen shall assign a charging post to a forklift below 20 % battery.',
    'Given a forklift at 19 %, when it enters the depot, then the screen shows its post',
  ],
  [
    'Reserve a forklift',
    'The depot screen shall reserve a forklift for a driver with a licence.',
    'Given a licensed driver, when the driver presses "Reserve", then the screen shows the forklift number',
  ],
  [
    'Refuse a driver',
    'The depot screen shall refuse a driver whose licence has expired.',
    'Given an expired licence, when the driver presses "Reserve", then the screen shows "Licence expired"',
  ],
  [
    'Record a scratch',
    'The depot screen shall store photographs of a damage.',
    'Given a scratched fork, when the driver takes 2 photographs, then the damage report contains 2 photographs',
  ],
  [
    'Call the workshop',
    'The depot screen shall send a damage report to the workshop.',
    'Given a damage report, when the driver confirms it, then the workshop receives it',
  ],
  [
    'Count the hours',
    'The depot screen shall count the operating hours of each forklift.',
    'Given 3 hours of driving, when the shift ends, then the counter has grown by 3',
  ],
  [
    'Plan a lesson',
    'The training page shall book a seat in a first-aid lesson.',
    'Given a lesson with a free seat, when an employee presses "Book", then the page shows the seat number',
  ],
  [
    'Keep a waiting list',
    'The training page shall put an employee on the waiting list of a full lesson.',
    'Given a full lesson, when an employee presses "Book", then the page shows the place on the waiting list',
  ],
  [
    'Issue a certificate',
    'The training page shall issue a certificate to an employee who passed the test.',
    'Given a passed test, when the teacher closes the lesson, then the employee receives a certificate',
  ],
  [
    'Fail a test',
    'The training page shall offer a second date to an employee who failed the test.',
    'Given a failed test, when the teacher closes the lesson, then the employee sees a second date',
  ],
  [
    'Remind of a renewal',
    'The training page shall remind an employee 30 days before a certificate ends.',
    'Given a certificate that ends in 30 days, when the day begins, then the employee receives a reminder',
  ],
  [
    'Rate a teacher',
    'The training page shall collect a grade for the teacher after a lesson.',
    'Given a finished lesson, when an employee chooses the grade 2, then the teacher sees the grade 2',
  ],
]

const foreignRequirements = foreign
  .map(([name, statement, criterion], at) => {
    const label = `WH-${String(at + 8).padStart(2, '0')}`
    return `### ${label} ${name}\n\n${statement}\n\nAcceptance:\n- ${criterion}.\n\n`
  })
  .join('')

export const sizeDefects: readonly PlantedDefect[] = [
  {
    name: 'five products in one document',
    file: warehouse,
    replace: '## Data contracts\n',
    by: `${foreignRequirements}## Data contracts\n`,
    rule: 'size.oversized',
  },
  {
    name: 'a requirement of more than 200 words',
    file: 'prd-clinic-recall.md',
    replace: "The service shall show the dates of the letters in the header of the patient's record.",
    by: `The service shall show the dates of the letters in the header of the patient's record.

The header is the grey strip at the top of the record. It has room for 90 characters on the screens of the treatment rooms, which were bought in 2019, and for 140 characters on the screens of the ward. A date takes 10 characters, and the space between two dates takes 3. The audit of 2024 counted the letters of 400 patients: 371 had received one letter, 24 had received two letters, and 5 had received three letters. Three dates with their spaces take 36 characters, which leaves 54 characters for the name of the patient on the smaller screens. The longest name in the patient index has 41 characters. The ophthalmologists on the ward asked for the order from left to right, with the newest date on the left side, since the eye of a reader falls on the left side first, and since the screens in room 4 hang so high that a tall lamp covers their right edge. The date has the form day, month, year, with two digits for the day, two digits for the month and four digits for the year, as in the paper records that the clinic kept until 2011 and that the ophthalmologists still read beside the screen during the first visit of an older patient.`,
    rule: 'size.requirement',
  },
]
