//! What a function could answer without thinking, judged by its type as it is written.

use quote::quote;
use syn::{Expr, GenericArgument, PathArguments, ReturnType, Type, parse_quote};

/// Answers with their names.
pub fn of(output: &ReturnType) -> Vec<(String, Expr)> {
    let ReturnType::Type(_, ty) = output else {
        return vec![("no deed".to_owned(), parse_quote!(()))];
    };
    let values = of_type(ty).into_iter();
    values
        .map(|value| (format!("always {}", quote!(#value).to_string().replace(' ', "")), value))
        .collect()
}

fn of_type(ty: &Type) -> Vec<Expr> {
    match ty {
        Type::Tuple(tuple) if tuple.elems.is_empty() => vec![parse_quote!(())],
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => vec![parse_quote!("")],
            _ => Vec::new(),
        },
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Vec::new() };
            named(&last.ident.to_string(), &inner(&last.arguments))
        }
        _ => Vec::new(),
    }
}

fn named(name: &str, inner: &[&Type]) -> Vec<Expr> {
    match name {
        "bool" => vec![parse_quote!(true), parse_quote!(false)],
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => {
            vec![parse_quote!(0), parse_quote!(1)]
        }
        "String" => vec![parse_quote!(String::new())],
        "Vec" => vec![parse_quote!(Vec::new())],
        "Option" => vec![parse_quote!(None)],
        // The crate's own aliases end like this and have one argument; `Decided` is `yes` of nothing.
        _ if name.ends_with("Result") => {
            let values = inner.first().map(|ty| of_type(ty)).unwrap_or_default();
            values.into_iter().map(|value| parse_quote!(Ok(#value))).collect()
        }
        "Decided" => vec![parse_quote!(crate::decide::yes(Vec::new()))],
        _ => Vec::new(),
    }
}

fn inner(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(all) = arguments else { return Vec::new() };
    let types = all.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_fit_the_type_as_it_is_written() {
        for (ty, wanted) in [
            ("", vec!["no deed"]),
            ("-> bool", vec!["always true", "always false"]),
            ("-> PortResult<Option<Way>>", vec!["always Ok(None)"]),
            ("-> PortResult<Result<(), Refusal>>", vec!["always Ok(Ok(()))"]),
            ("-> Stamp", vec![]),
            ("-> &'a Stamp", vec![]),
        ] {
            let output = syn::parse_str::<ReturnType>(ty).unwrap();
            let names: Vec<String> = of(&output).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, wanted, "{ty}");
        }
    }
}
