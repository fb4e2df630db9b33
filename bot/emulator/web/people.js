// The people who own the phones: their order, the form that adds one, and the ready-made set.

import { door } from './door.js';
import { formBox } from './overlay.js';

export const ROLES = ['worker', 'employer', 'subscriber', 'operator'];

const READY_MADE = [
  { first_name: 'Ali', last_name: 'Khan', username: 'ali_worker', language_code: 'en', phone: '+923001234567', role: 'worker' },
  { first_name: 'Sara', last_name: 'Ahmed', username: 'sara_employer', language_code: 'en', phone: '+447700900123', role: 'employer' },
  { first_name: 'Omar', last_name: 'Farooq', username: 'omar_subscriber', language_code: 'en', phone: '+971501234567', role: 'subscriber' },
  { first_name: 'Olga', last_name: 'Orlova', username: 'olga_operator', language_code: 'en', phone: '+12025550123', role: 'operator' },
];

export function inOrder(people) {
  const place = (person) => (ROLES.includes(person.role) ? ROLES.indexOf(person.role) : ROLES.length);
  return [...people].sort((a, b) => place(a) - place(b) || a.id - b.id);
}

export async function addReadyMade() {
  for (const person of READY_MADE) await door.addPerson(person);
}

export async function askPerson() {
  const answer = await formBox(document.body, 'Add a person', [
    { name: 'first_name', label: 'First name', required: true, first: true },
    { name: 'last_name', label: 'Last name' },
    { name: 'role', label: 'Role', value: 'worker', options: [...ROLES.map((role) => [role, role]), ['', 'none']] },
    { name: 'language_code', label: 'Language code', value: 'en', max: 8 },
    { name: 'username', label: 'Username', max: 32, placeholder: 'without @' },
    { name: 'phone', label: 'Phone number', type: 'tel', placeholder: '+923001234567' },
  ], 'Add');
  if (!answer) return null;
  const fields = Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  return door.addPerson(fields);
}
