//! The table of fault kinds, one row per kind.
//!
//! A new kind needs a variant in [`FaultKind`], a row here, a match arm in
//! [`FaultPlan`](crate::fault::FaultBook), and a share in the mix of the drill. The compiler enforces the
//! row; tests enforce the rest.

use std::fmt;

use crate::base::rng::Rng;
use crate::base::time::Span;
use crate::fault::FaultKind;
use crate::fault::sample::Sampler;

/// One row of the table.
#[derive(Clone, Copy)]
pub struct Declared {
    /// The name of the kind in stories.
    pub name: &'static str,
    /// An example, for help texts and tests.
    pub example: FaultKind,
    /// What the service can observe of this fault, in words.
    pub reports: &'static str,
    sample: fn(&mut Sampler<'_>) -> FaultKind,
}

impl Declared {
    /// A fault of this kind with random parameters.
    pub fn sample(&self, draw: &mut Rng) -> FaultKind {
        (self.sample)(&mut Sampler::new(draw))
    }
}

impl fmt::Debug for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declared").field("name", &self.name).field("example", &self.example).finish()
    }
}

/// The valid range of a numeric parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The parameter name.
    pub field: &'static str,
    /// The parameter value.
    pub is: u32,
    /// The minimum.
    pub from: u32,
    /// The maximum.
    pub to: u32,
    /// The reason for the range.
    pub why: &'static str,
}

/// Generates the functions of [`FaultKind`] that read the table.
///
/// Each row lists, in this order: the variant with the parameters that the row refers to, the name, the point
/// where it strikes, the valid range of a number, the span that a shrinker shortens, an example, how
/// parameters are drawn, and what the service can observe.
macro_rules! declare {
    ($(
        $kind:ident($($field:ident),*) = $name:literal at $point:expr;
        $(limit $number:ident: $from:literal to $to:literal, $why:literal;)?
        $(shorten $span:ident;)?
        example $example:tt;
        sample |$sampler:ident| $sample:tt;
        reports $reports:literal;
    )*) => {
        #[derive(Clone, Copy)]
        enum Row { $($kind,)* }

        impl FaultKind {
            /// All kinds, in the order of the enum.
            pub const ALL: &[Declared] = &[$(
                Declared {
                    name: $name,
                    example: Self::$kind $example,
                    reports: $reports,
                    sample: |$sampler| Self::$kind $sample,
                },
            )*];

            /// The index of this kind in [`FaultKind::ALL`].
            pub const fn index(self) -> usize {
                match self { $(Self::$kind { .. } => Row::$kind as usize,)* }
            }

            /// The kind of delivery that this fault strikes.
            pub const fn point(self) -> Point {
                match self { $(Self::$kind { $($field,)* .. } => $point,)* }
            }

            /// The valid range of the fault's number, if it has one.
            pub fn limit(self) -> Option<Limit> {
                match self {
                    $(Self::$kind { $($number,)? .. } => first([$(Limit {
                        field: stringify!($number),
                        is: u32::from($number),
                        from: $from,
                        to: $to,
                        why: $why,
                    })?]),)*
                }
            }

            /// The duration parameter, if any.
            pub(super) fn span_mut(&mut self) -> Option<&mut Span> {
                match self { $(Self::$kind { $($span,)? .. } => first([$($span)?]),)* }
            }
        }
    };
}

/// The element of an array with at most one element.
fn first<T, const N: usize>(list: [T; N]) -> Option<T> {
    list.into_iter().next()
}

impl FaultKind {
    /// The table row of this kind.
    pub const fn declared(self) -> &'static Declared {
        &Self::ALL[self.index()]
    }

    /// The name of this kind in stories.
    pub const fn name(self) -> &'static str {
        self.declared().name
    }

    /// What the service can observe of this fault, in words.
    pub const fn reports(self) -> &'static str {
        self.declared().reports
    }

    /// Limits the duration of this fault to `to`.
    pub fn shorten(&mut self, to: Span) {
        if let Some(span) = self.span_mut() {
            *span = to.min(*span);
        }
    }
}

// After the macro, which it uses.
mod rows;

#[cfg(test)]
mod tests;
