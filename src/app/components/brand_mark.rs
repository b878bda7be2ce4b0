//! The brand at the top of a page: our icon with the name, or a logo.

use leptos::prelude::*;

use crate::app::brand::{BrandImage, BrandMark};
use crate::app::components::icon::Icon;
use crate::app::view::PageFrame;

/// The content of the link to the start page.
///
/// On the host of an application no file of ours is served, so the name stands for the logo there.
pub fn brand_mark(frame: &PageFrame) -> AnyView {
    let name = frame.brand.name.clone();
    match &frame.brand.mark {
        BrandMark::Key => view! { <Icon name="key"/>{name} }.into_any(),
        BrandMark::Logo { .. } if frame.base_url.is_some() => name.into_any(),
        BrandMark::Logo {
            light,
            dark,
            shows_name,
        } => {
            // Beside the name it is decorative.
            let alt = if *shows_name { "".into() } else { name.clone() };
            let image = logo(light, dark.as_ref(), &alt);
            match shows_name {
                true => view! { {image}{name} }.into_any(),
                false => image,
            }
        }
    }
}

fn logo(light: &BrandImage, dark: Option<&BrandImage>, alt: &str) -> AnyView {
    let image = |image: &BrandImage| {
        let (width, height) = (image.width.to_string(), image.height.to_string());
        view! { <img src=image.url.to_string() alt=alt.to_owned() width=width height=height/> }
    };
    let Some(dark) = dark else {
        return image(light).into_any();
    };
    let (width, height) = (dark.width.to_string(), dark.height.to_string());
    view! {
        <picture>
            <source
                media="(prefers-color-scheme: dark)"
                srcset=dark.url.to_string()
                width=width
                height=height
            />
            {image(light)}
        </picture>
    }
    .into_any()
}
