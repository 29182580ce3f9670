//! Faults into one file of source. A place with a fault becomes `if crate::mutant::on(ID) { fault } else { as it
//! was }`; the part with the fault keeps its operands as they stand in the source, so that nested places do not
//! multiply.

use super::{Mutant, values};
use proc_macro2::Span;
use quote::ToTokens as _;
use std::collections::{BTreeMap, BTreeSet};
use syn::spanned::Spanned as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, BinOp, Block, Expr, ItemFn, Macro, Pat, Signature, Stmt, UnOp, parse_quote};

/// Walks over a file.
pub struct Planter<'run> {
    pub file: &'run str,
    /// Those that do not compile.
    pub dropped: &'run BTreeSet<u32>,
    /// Numbers are given out over all files.
    pub last: &'run mut u32,
    pub planted: Vec<Mutant>,
    names: Vec<String>,
    seen: BTreeMap<(String, String), usize>,
}

impl<'run> Planter<'run> {
    pub fn new(file: &'run str, dropped: &'run BTreeSet<u32>, last: &'run mut u32) -> Self {
        Planter {
            file,
            dropped,
            last,
            planted: Vec::new(),
            names: Vec::new(),
            seen: BTreeMap::new(),
        }
    }

    /// A number for a fault, unless it does not compile.
    fn plant(&mut self, span: Span, change: &str) -> Option<u32> {
        *self.last += 1;
        let (id, function) = (*self.last, self.names.join("::"));
        let count = self.seen.entry((function.clone(), change.to_owned())).or_default();
        *count += 1;
        let change = match count {
            1 => change.to_owned(),
            count => format!("{change} #{count}"),
        };
        if self.dropped.contains(&id) {
            return None;
        }
        let (file, line) = (self.file.to_owned(), span.start().line);
        self.planted.push(Mutant { id, file, line, function, change });
        Some(id)
    }

    fn function(&mut self, signature: &Signature, attributes: &[Attribute], block: &mut Block) {
        // What is computed while compiling reads no environment.
        if signature.constness.is_some() || is_test(attributes) {
            return;
        }
        self.names.push(signature.ident.to_string());
        let answers = values::of(&signature.output);
        self.visit_block_mut(block);
        for (name, value) in answers.into_iter().rev() {
            if let Some(id) = self.plant(signature.ident.span(), &name) {
                let early = parse_quote!(if crate::mutant::on(#id) { return #value; });
                block.stmts.insert(0, early);
            }
        }
        self.names.pop();
    }

    /// `place` as it is, or as it would be with each fault.
    fn switch(&mut self, place: &mut Expr, span: Span, faults: Vec<(String, Expr)>) {
        for (change, fault) in faults {
            if let Some(id) = self.plant(span, &change) {
                *place = parse_quote!((if crate::mutant::on(#id) { #fault } else { #place }));
            }
        }
    }

    fn inside(&mut self, mac: &mut Macro) {
        if !is_guard(mac) {
            return;
        }
        if let Ok(mut body) = mac.parse_body::<Expr>() {
            self.visit_expr_mut(&mut body);
            mac.tokens = body.to_token_stream();
        }
    }
}

impl VisitMut for Planter<'_> {
    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        self.function(&item.sig, &item.attrs, &mut item.block);
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut syn::ImplItemFn) {
        self.function(&item.sig, &item.attrs, &mut item.block);
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        let ty = &item.self_ty;
        self.names.push(quote::quote!(#ty).to_string().replace(' ', ""));
        visit_mut::visit_item_impl_mut(self, item);
        self.names.pop();
    }

    fn visit_item_mod_mut(&mut self, item: &mut syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit_mut::visit_item_mod_mut(self, item);
        }
    }

    fn visit_item_const_mut(&mut self, _: &mut syn::ItemConst) {}
    fn visit_item_static_mut(&mut self, _: &mut syn::ItemStatic) {}
    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_expr_const_mut(&mut self, _: &mut syn::ExprConst) {}

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        // Of a pattern only its condition is code.
        if let Pat::Guard(guarded) = pattern {
            self.visit_expr_mut(&mut guarded.guard);
        }
    }

    fn visit_macro_mut(&mut self, mac: &mut Macro) {
        self.inside(mac);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        for statement in &mut block.stmts {
            let before = statement.clone();
            self.visit_stmt_mut(statement);
            if let Some(name) = removable(&before)
                && let Some(id) = self.plant(before.span(), &format!("without {name}"))
            {
                *statement = parse_quote!(if !crate::mutant::on(#id) { #statement });
            }
        }
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let before = expr.clone();
        visit_mut::visit_expr_mut(self, expr);
        match (&before, &mut *expr) {
            (Expr::Binary(binary), _) if !has_let(&before) => {
                let span = binary.op.span();
                self.switch(expr, span, turned(binary));
            }
            (Expr::Unary(unary), _) if matches!(unary.op, UnOp::Not(_)) => {
                let operand = &unary.expr;
                self.switch(
                    expr,
                    unary.op.span(),
                    vec![("without !".into(), parse_quote!(#operand))],
                );
            }
            (Expr::Macro(mac), _) if mac.mac.path.is_ident("matches") => {
                let both = [
                    ("matches → true", parse_quote!(true)),
                    ("matches → false", parse_quote!(false)),
                ];
                let both = both.map(|(name, value)| (name.to_owned(), value)).to_vec();
                self.switch(expr, before.span(), both);
            }
            (Expr::If(old), Expr::If(new)) if is_plain(&old.cond) => {
                let cond = &old.cond;
                let fault = vec![("if → if not".into(), parse_quote!(!(#cond)))];
                self.switch(&mut new.cond, old.cond.span(), fault);
            }
            (Expr::Match(_), Expr::Match(new)) => self.arms(new),
            _ => (),
        }
    }
}

impl Planter<'_> {
    /// Where a match has an arm for the rest, any other can be left out.
    fn arms(&mut self, all: &mut syn::ExprMatch) {
        if !all.arms.iter().any(|arm| matches!(arm.pat, Pat::Wild(_))) {
            return;
        }
        for arm in &mut all.arms {
            let span = arm.pat.span();
            match &mut arm.pat {
                Pat::Wild(_) => (),
                Pat::Guard(guarded) if has_let(&guarded.guard) => (),
                Pat::Guard(guarded) => {
                    let faults = ["guard → true", "guard → false"].map(|name| {
                        let value: Expr = if name.ends_with("true") {
                            parse_quote!(true)
                        } else {
                            parse_quote!(false)
                        };
                        (name.to_owned(), value)
                    });
                    self.switch(&mut guarded.guard, span, faults.to_vec());
                }
                pattern => {
                    if let Some(id) = self.plant(span, "without arm") {
                        *pattern = Pat::Guard(syn::PatGuard {
                            attrs: Vec::new(),
                            pat: Box::new(pattern.clone()),
                            if_token: Default::default(),
                            guard: parse_quote!(!crate::mutant::on(#id)),
                        });
                    }
                }
            }
        }
    }
}

/// An operator by its nearest others.
fn turned(binary: &syn::ExprBinary) -> Vec<(String, Expr)> {
    let (left, right) = (&binary.left, &binary.right);
    let others: &[&str] = match binary.op {
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", ">="],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<="],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Add(_) => &["-"],
        BinOp::Sub(_) => &["+"],
        BinOp::Mul(_) => &["+"],
        BinOp::Div(_) => &["*"],
        BinOp::Rem(_) => &["/"],
        BinOp::AddAssign(_) => &["-="],
        BinOp::SubAssign(_) => &["+="],
        _ => &[],
    };
    let is = binary.op.to_token_stream().to_string();
    let one = |other: &&str| {
        let op: BinOp = syn::parse_str(other).expect("an operator of the table above");
        let fault = match op {
            // A place is no value.
            BinOp::AddAssign(_) | BinOp::SubAssign(_) => parse_quote!(#left #op (#right)),
            _ => parse_quote!((#left) #op (#right)),
        };
        (format!("{is} → {other}"), fault)
    };
    others.iter().map(one).collect()
}

/// A condition whose parts have no faults of their own.
fn is_plain(cond: &Expr) -> bool {
    matches!(cond, Expr::Call(_) | Expr::MethodCall(_) | Expr::Path(_) | Expr::Field(_))
}

/// A chain of conditions, one of which binds names.
fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// A statement that is there for what it does or refuses.
fn removable(statement: &Stmt) -> Option<String> {
    match statement {
        Stmt::Expr(Expr::Try(_) | Expr::Call(_) | Expr::MethodCall(_), Some(_)) => {}
        Stmt::Macro(mac) if is_guard(&mac.mac) => {}
        _ => return None,
    }
    let text: String = statement.to_token_stream().to_string().replace(' ', "");
    Some(text.chars().take(40).collect())
}

/// The macros by which a decision ends with a refusal.
fn is_guard(mac: &Macro) -> bool {
    mac.path.is_ident("ok")
}

fn is_test(attributes: &[Attribute]) -> bool {
    let test = |attribute: &Attribute| {
        let text = attribute.meta.to_token_stream().to_string().replace(' ', "");
        text == "test" || text == "cfg(test)"
    };
    attributes.iter().any(test)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(source: &str, dropped: &[u32]) -> (String, Vec<Mutant>) {
        let mut file = syn::parse_file(source).unwrap();
        let (dropped, mut last) = (dropped.iter().copied().collect(), 0);
        let mut planter = Planter::new("a.rs", &dropped, &mut last);
        planter.visit_file_mut(&mut file);
        let planted = planter.planted;
        (file.to_token_stream().to_string(), planted)
    }

    fn changes(source: &str) -> Vec<String> {
        planted(source, &[]).1.into_iter().map(|mutant| mutant.change).collect()
    }

    #[test]
    fn what_can_be_wrong_is_planted() {
        for (body, wanted) in [
            ("a < b", vec!["< → <=", "< → >="]),
            ("a && b && c", vec!["&& → ||", "&& → || #2"]),
            ("!a", vec!["without !"]),
            ("matches!(a, B)", vec!["matches → true", "matches → false"]),
            (
                "match a { 1 => x, 2 if b => y, _ => z }",
                vec!["without arm", "guard → true", "guard → false"],
            ),
            ("match a { A => x, B => y }", vec![]),
            ("check(a)?; b", vec!["without check(a)?;"]),
            ("ok!(a == b); c", vec!["== → !=", "without ok!(a==b);"]),
            ("if a() { b } else { c }", vec!["if → if not"]),
            ("if let A = b && c == d { e }", vec!["== → !="]),
        ] {
            assert_eq!(changes(&format!("fn f() -> X {{ {body} }}")), wanted, "{body}");
        }
        assert_eq!(changes("const fn f() -> bool { a < b }"), [""; 0]);
        assert_eq!(changes("#[cfg(test)] mod tests { fn f() -> bool { a < b } }"), [""; 0]);
    }

    #[test]
    fn a_fault_is_behind_its_switch_and_can_be_left_out() {
        let source = "fn f() -> X { a == b }";
        let (text, mutants) = planted(source, &[]);
        assert_eq!(mutants.len(), 1);
        assert!(
            text.contains("(if crate :: mutant :: on (1u32) { (a) != (b) } else { a == b })"),
            "{text}"
        );
        let (text, mutants) = planted(source, &[1]);
        assert!(mutants.is_empty() && !text.contains("mutant"), "{text}");
    }
}
