// What a front end does with the contract: the types made of it must carry these answers.
// Only compiled, never run.
import type { paths } from "../../build/spec/wlink";

type Ok<Operation> = Operation extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

type Deposits = Ok<paths["/v1/client/trading/history/deposit/list"]["get"]>;

export function orderNumbers(deposits: Deposits): string[] {
  return deposits.list.map((deposit) => deposit.order_number);
}

// `any` or `never` would let everything above pass: this line compiles for neither.
export const orderNumberIsText: Exactly<Deposits["list"][number]["order_number"], string> = true;

type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
  ? true
  : false;
